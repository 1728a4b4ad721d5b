-- One row is an erasure that begins; a repeated request changes nothing.
insert into vault.erasure (request, record, keys, missing, ground, actor, role, office, occurred, mark)
values (
    %(request)s, %(record)s, %(keys)s, %(missing)s, %(ground)s, %(actor)s, %(role)s, %(office)s, %(occurred)s,
    %(mark)s
)
on conflict (request) do nothing
