# Nothing irreversible on a Friday: the day on which the rule is asked, in the company's time zone. So ask right before carrying out.
package bitrix24.mailservices

import rego.v1

deny contains message if {
	friday
	some portal, entry in planned
	some effect in entry.effects
	effect.reversible == false
	message := sprintf("%s: not on a Friday: what happens to mailboxes of %s has no way back", [portal, effect.service])
}

deny contains message if {
	friday
	some portal, entry in planned
	some service in entry.plan.deletions
	message := sprintf("%s: not on a Friday: %s would be deleted", [portal, service.name])
}

friday if time.weekday([time.now_ns(), data.company.time_zone]) == "Friday"
