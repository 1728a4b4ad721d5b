-- Who may connect to the database, and do what in it beyond the log: nobody but the system's own roles.
do $$
begin
    execute format('revoke connect, temporary on database %I from public', current_database());
    execute format(
        'grant connect on database %I
         to huhang_application, huhang_projector, huhang_sealer, huhang_vault, huhang_identity,
         huhang_reader',
        current_database()
    );
    execute format('grant create on database %I to huhang_projector', current_database());
    if not has_database_privilege('huhang_projector', current_database(), 'create') then
        raise exception 'only the owner of the database can say who may use it'
            using errcode = 'insufficient_privilege';
    end if;
    if to_regnamespace('public') is not null then
        revoke create on schema public from public;
    end if;
end $$;
