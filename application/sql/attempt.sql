-- Counts an attempt before it is looked at; no row while attempts are blocked. Every `allowed`-th one in a
-- row blocks those after it, twice as long each time, so that attempts at once gain nothing.
insert into identity.failure as f (key, failures, last_at, blocked_until)
values (%(key)s, 1, %(now)s, null)
on conflict (key) do update set
    failures = case when f.last_at < %(forgotten)s then 1 else f.failures + 1 end,
    last_at = %(now)s,
    blocked_until = case
        when f.last_at >= %(forgotten)s and (f.failures + 1) %% %(allowed)s = 0
        then %(now)s + least(
            %(longest)s, %(first)s * power(2, least((f.failures + 1) / %(allowed)s - 1, 20))
        )
    end
where f.blocked_until is null or f.blocked_until <= %(now)s
returning failures, blocked_until
