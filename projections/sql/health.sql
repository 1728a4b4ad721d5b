-- The one row says where the log and its live build are.
with head as (
    select coalesce(max(position), 0) as position, max(recorded_at) as recorded_at from only log.event
),
live as (
    select (array_agg(build))[1] as build from reading.build where status = 'live'
),
waiting as (
    select recorded_at from only log.event, live
    where position = coalesce((live.build).position, 0) + 1
)
select head.position,
       head.recorded_at,
       coalesce((select convert_from(state, 'UTF8')::jsonb -> 'simulated' = 'true'
                 from only log.event where position = 1), false) as simulated,
       (live.build).number as build,
       (live.build).version as version,
       coalesce((live.build).position, 0) as projected,
       head.position - coalesce((live.build).position, 0) as lag,
       coalesce((select extract(epoch from now() - recorded_at) from waiting), 0)::float
           as lag_seconds,
       extract(epoch from now() - (live.build).heartbeat)::float as heartbeat_seconds,
       (live.build).halted_at as halted_at,
       (live.build).halted_because as halted_because
from head, live
