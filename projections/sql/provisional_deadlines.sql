-- One row is an open application whose deadlines were provisional, as of a position; of a case that
-- whoever asks sees where it lies now.
select ledger.row, ledger.number, ledger.opened_on, ledger.receipt, ledger.applied_on,
       ledger.cooling_off_nominal, ledger.cooling_off_effective,
       ledger.window_nominal, ledger.window_effective, ledger.calendar_version, ledger.closing,
       place.centre, place.region
from reading.ledger_cases as ledger
join unnest(%(places)s::integer[], %(firsts)s::date[], %(lasts)s::date[]) as span (place, first, last)
  on span.place = ledger.place and ledger.opened_on between span.first and span.last
join reading.place on place.place = ledger.place
where ledger.from_position <= %(position)s and ledger.to_position > %(position)s
  and ledger.calendar_version like '%%provisional'
  and ledger.outcome is null
  and ledger.status <> 'voided'
  and exists (
      select from reading.ledger_cases as lies
      where lies.row = ledger.row and lies.to_position = 9223372036854775807
        and lies.place = any(%(seen)s)
  )
order by ledger.window_effective, ledger.cooling_off_effective, ledger.row
