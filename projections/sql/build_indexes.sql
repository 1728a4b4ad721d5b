-- What readings need; created after the bulk load.
create index on {schema}.journal (place, indicator, occurred_on) include (position, quantity);
create index on {schema}.journal (position) include (indicator, place, occurred_on, quantity);
create index on {schema}.rollup (indicator, place, month);
