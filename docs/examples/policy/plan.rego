# What the rules have in common: they read plan.json, schema version 1, as docs/schema/plan.schema.json describes it.
#
# A rule sees what a plan changes. What a portal has already and keeps is no part of a plan: the audit looks at that.
package bitrix24.mailservices

import rego.v1

# A file that these rules were not written for passes none of them.
deny contains message if {
	not readable
	message := "this is no plan of schema version 1: nothing was checked"
}

readable if {
	input.schema_version == 1
	is_object(input.portals)
}

# Portals with an error are left alone when the plan is carried out.
planned[portal] := entry if {
	some portal, entry in input.portals
	entry.error == null
}

# What is made or changed: {portal, name, creation, changes}.
written contains {"portal": portal, "name": service.name, "creation": kind == "creations", "changes": service.changes} if {
	some portal, entry in planned
	some kind in ["creations", "updates"]
	some service in entry.plan[kind]
}
