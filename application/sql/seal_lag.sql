-- The one row says since when the sealer has signed checkpoints that go further than a size; null when
-- none does. The time is the sealer's; of a checkpoint that says of none, or of one to come, it is when
-- its last record was recorded, so that no alarm waits for that.
select min(
    case
        when sealed_at >= '0001-01-02' and sealed_at <= now() + interval '1 day' then sealed_at
        else coalesce(
            (
                select recorded_at from only log.event
                where position = size and recorded_at >= '0001-01-02' and recorded_at <= now()
            ),
            '0001-01-02'
        )
    end
) as since
from seal.checkpoint
where size > %s
