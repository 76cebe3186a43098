# No service without encryption.
package bitrix24.mailservices

import rego.v1

deny contains message if {
	some service in written
	service.creation
	not service.changes.encryption.after == true
	message := sprintf("%s: %s would be made without encryption", [service.portal, service.name])
}

deny contains message if {
	some service in written
	not service.creation
	service.changes.encryption.after != true
	message := sprintf("%s: the encryption of %s would be switched off", [service.portal, service.name])
}
