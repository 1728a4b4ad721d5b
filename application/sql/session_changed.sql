-- What a session became.
update identity.session
set
    hash = %(hash)s,
    former = %(former)s,
    role = %(role)s,
    office = %(office)s,
    methods = %(methods)s,
    acting = %(acting)s,
    version = %(version)s,
    proved_at = %(proved_at)s,
    used_at = %(used_at)s,
    rotated_at = %(rotated_at)s,
    ends_at = %(ends_at)s,
    mark = %(mark)s
where id = %(id)s
