-- The one row says since when the sealer has signed checkpoints that go further than a size; null when
-- none does. The time is the sealer's.
select min(sealed_at) as since from seal.checkpoint where size > %s
