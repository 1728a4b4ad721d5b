-- The work ledgers of one build, {schema}: one row is one version of a ledger's row, in force from
-- from_position to before to_position; 9223372036854775807 while nothing has superseded it.

-- A case (个案).
create table {schema}.ledger_cases (
    row                   uuid not null,
    from_position         bigint not null,
    to_position           bigint not null,
    place                 integer not null,
    number                text,
    service               text,
    channel               text,
    visit                 text,
    opened_on             date not null,
    status                text not null,
    risk                  text,
    applied_on            date,
    receipt               text,
    cooling_off_nominal   date,
    cooling_off_effective date,
    window_nominal        date,
    window_effective      date,
    calendar_version      text,
    closing               text,                        -- HH:MM in Asia/Shanghai
    accepted_on           date,
    declined_on           date,
    receiver              uuid,
    received_as           text,
    counsellor            uuid,
    counsellors           text,                        -- ids with commas between
    counselled_on         date,
    sessions              bigint,
    minutes               bigint,
    outcome               text,
    outcome_on            date,
    outcome_source        text,
    broken_on             date,
    rated                 bigint,
    satisfied             bigint,
    closed_on             date,
    closure               text,
    filed                 bigint,
    archived_on           date,
    keep_until            date,
    duplicate_of          uuid,
    recorded_at           timestamptz not null
);

-- A counselling session.
create table {schema}.ledger_sessions (
    row           uuid not null,
    from_position bigint not null,
    to_position   bigint not null,
    place         integer not null,
    case_id       uuid,
    held_on       date,
    started_at    timestamptz not null,
    minutes       bigint,
    form          text,
    present       text,
    practitioner  uuid,
    assisting     bigint,
    assistants    text,
    status        text not null,
    recorded_at   timestamptz not null
);

-- A follow-up (回访) of a case.
create table {schema}.ledger_follow_ups (
    row           uuid not null,
    from_position bigint not null,
    to_position   bigint not null,
    place         integer not null,
    case_id       uuid,
    kind          text,
    due_on        date not null,
    status        text not null,
    tries         bigint,
    made_on       date,
    lost_on       date,
    cancelled_on  date,
    recorded_at   timestamptz not null
);

-- A training or publicity event.
create table {schema}.ledger_outreach (
    row           uuid not null,
    from_position bigint not null,
    to_position   bigint not null,
    place         integer not null,
    held_on       date not null,
    kind          text,
    title         text,
    persons       bigint,
    couples       bigint,
    materials     bigint,
    online_views  bigint,
    status        text not null,
    recorded_at   timestamptz not null
);

-- A shift worked, or hours of service credited.
create table {schema}.ledger_volunteer_service (
    row           uuid not null,
    from_position bigint not null,
    to_position   bigint not null,
    place         integer not null,
    practitioner  uuid,
    kind          text,
    served_on     date,
    started_at    timestamptz not null,
    ended_at      timestamptz,
    minutes       bigint,
    rule          text,
    status        text not null,
    recorded_at   timestamptz not null
);

-- An appropriation, a spending or a subsidy.
create table {schema}.ledger_funds (
    row           uuid not null,
    from_position bigint not null,
    to_position   bigint not null,
    place         integer not null,
    booked_on     date not null,
    kind          text,
    fen           bigint,
    source        text,
    document      text,
    purpose       text,
    practitioner  uuid,
    status        text not null,
    recorded_at   timestamptz not null
);

-- A request for assistance (吹哨) and its answer.
create table {schema}.ledger_assistance (
    row              uuid not null,
    from_position    bigint not null,
    to_position      bigint not null,
    place            integer not null,
    requested_on     date,
    requested_at     timestamptz not null,
    what             text,
    status           text not null,
    volunteers       bigint,
    dispatched_at    timestamptz,
    volunteer        uuid,
    arrived_at       timestamptz,
    response_minutes bigint,
    completed_at     timestamptz,
    result           text,
    recorded_at      timestamptz not null
);

-- A supervision order (督办单), without what is ordered, reported or found.
create table {schema}.ledger_orders (
    row             uuid not null,
    from_position   bigint not null,
    to_position     bigint not null,
    place           integer not null,
    addressee       uuid,
    issued_by       uuid,
    issuer          uuid,
    issued_on       date not null,
    deadline        date,
    status          text not null,
    stage           text not null,
    escalated_to    text,
    escalated_on    date,
    escalations     bigint,
    extensions      bigint,
    acknowledged_on date,
    reported_on     date,
    submitted_on    date,
    returns         bigint,
    verified_on     date,
    verified_by     uuid,
    written_off_on  date,
    recorded_at     timestamptz not null
);

-- A centre, station or room.
create table {schema}.ledger_centres (
    row              uuid not null,
    from_position    bigint not null,
    to_position      bigint not null,
    place            integer not null,
    kind             text,
    name             text,
    status           text not null,
    grade            text,
    registry_offices text,
    address          text,
    established_on   date not null,
    suspended_on     date,
    closed_on        date,
    recorded_at      timestamptz not null
);

-- A counsellor or volunteer, without a name: who it is lies in the vault.
create table {schema}.ledger_practitioners (
    row             uuid not null,
    from_position   bigint not null,
    to_position     bigint not null,
    place           integer not null,
    kind            text,
    source          text,
    status          text not null,
    post_since      date,
    left_on         date,
    posts           bigint,
    certificates    bigint,
    qualified_from  date,
    qualified_until date,
    star            bigint,
    service_minutes bigint,
    registered_on   date not null,
    deregistered_on date,
    recorded_at     timestamptz not null
);

-- A person's request in its personal data.
create table {schema}.ledger_requests (
    row           uuid not null,
    from_position bigint not null,
    to_position   bigint not null,
    place         integer not null,
    record        uuid,
    part          text,
    kind          text,
    applicant     text,
    channel       text,
    received_on   date,
    due_on        date not null,
    status        text not null,
    stage         text not null,
    settled_on    date,
    recorded_at   timestamptz not null
);

-- An impact assessment of the processing of personal data.
create table {schema}.ledger_assessments (
    row           uuid not null,
    from_position bigint not null,
    to_position   bigint not null,
    place         integer not null,
    activity      text,
    triggers      text,                         -- with commas between
    assessed_on   date not null,
    assessors     text,
    outcome       text,
    status        text not null,
    approved_on   date,
    keep_until    date,
    recorded_at   timestamptz not null
);

-- A disposal of records whose time is over.
create table {schema}.ledger_disposals (
    row           uuid not null,
    from_position bigint not null,
    to_position   bigint not null,
    place         integer not null,
    kind          text,
    proposed      bigint,
    kept          bigint,
    disposed      bigint,
    status        text not null,
    proposed_on   date not null,
    approved_on   date,
    recorded_at   timestamptz not null
);

-- A look at one record or many, or a step of a break-glass access: who saw what, never its content.
create table {schema}.ledger_looks (
    row           uuid not null,
    from_position bigint not null,
    to_position   bigint not null,
    place         integer not null,
    reader        uuid not null,
    role          text not null,
    office        uuid not null,
    at            timestamptz not null,
    happened      text not null,
    record        uuid,
    kind          text,
    surface       text,
    purpose       text,
    rows          bigint,
    what          text,
    recipient     text,
    access        uuid,
    request       uuid not null,
    recorded_at   timestamptz not null
);

-- A break-glass access (紧急查阅): asked for, decided, used and judged.
create table {schema}.ledger_accesses (
    row            uuid not null,
    from_position  bigint not null,
    to_position    bigint not null,
    place          integer not null,
    stream         uuid,
    reader         uuid,
    role           text,
    office         uuid,
    record         uuid,
    kind           text,
    reason         text,
    why            text,
    requested_at   timestamptz not null,
    asked_until    timestamptz,
    status         text not null,
    decided_at     timestamptz,
    decided_by     uuid,
    until          timestamptz,
    opened         bigint,
    last_opened_at timestamptz,
    review_due     date,
    reviewed_at    timestamptz,
    reviewed_by    uuid,
    verdict        text,
    recorded_at    timestamptz not null
);
