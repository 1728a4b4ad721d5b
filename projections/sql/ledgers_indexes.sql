-- What finds the current version of a row, and lists a place's rows in order, page by page.
create index on {schema}.ledger_cases (row, to_position);
create index on {schema}.ledger_cases (place, opened_on, row);
create index on {schema}.ledger_sessions (row, to_position);
create index on {schema}.ledger_sessions (place, started_at, row);
create index on {schema}.ledger_follow_ups (row, to_position);
create index on {schema}.ledger_follow_ups (place, due_on, row);
create index on {schema}.ledger_outreach (row, to_position);
create index on {schema}.ledger_outreach (place, held_on, row);
create index on {schema}.ledger_volunteer_service (row, to_position);
create index on {schema}.ledger_volunteer_service (place, started_at, row);
create index on {schema}.ledger_funds (row, to_position);
create index on {schema}.ledger_funds (place, booked_on, row);
create index on {schema}.ledger_assistance (row, to_position);
create index on {schema}.ledger_assistance (place, requested_at, row);
create index on {schema}.ledger_centres (row, to_position);
create index on {schema}.ledger_centres (place, established_on, row);
create index on {schema}.ledger_practitioners (row, to_position);
create index on {schema}.ledger_practitioners (place, registered_on, row);
