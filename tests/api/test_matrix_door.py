AT_THE_DOOR = {
    "live", "ready", "sign_in", "read_session", "enter_code", "change_password", "switch_post",
    "sign_out", "begin_totp", "confirm_totp", "drop_factor", "begin_passkey", "challenge_passkey",
    "show_passkey", "add_passkey", "start_oidc", "arrive_from_oidc", "link_provider",
}
