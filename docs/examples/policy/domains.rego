# Servers only of the company's domains: those in data.json, with all names below them.
package bitrix24.mailservices

import rego.v1

deny contains message if {
	some service in written
	server := service.changes.server.after
	server != null
	not of_the_company(server)
	message := sprintf("%s: %s would lead to %s, which is none of the company's servers", [service.portal, service.name, server])
}

of_the_company(server) if {
	some domain in data.company.domains
	server == domain
}

of_the_company(server) if {
	some domain in data.company.domains
	endswith(server, concat("", [".", domain]))
}
