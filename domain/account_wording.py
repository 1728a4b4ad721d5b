"""What people read of an account (账号): refusals as sentences, titles of events."""

from __future__ import annotations

from domain.sentence import Sentence

ACCOUNT_REFUSALS = {
    "account-not-opened": Sentence(
        "This person has no account that you could act on; open one, or ask the office above.",
        "该人员没有您可以办理的账号，请开通账号，或联系上级单位。",
    ),
    "account-exists": Sentence(
        "This person has an account; give it another post instead.",
        "该人员已有账号，请直接授予岗位。",
    ),
    "account-of-another": Sentence(
        "This is the account of somebody else; everybody does this under his own.",
        "这是他人的账号，该事项须由本人办理。",
    ),
    "self-administered": Sentence(
        "Nobody administers an account of his own; ask another administrator.",
        "不得管理本人的账号，请由其他管理员办理。",
    ),
    "administrator-there": Sentence(
        "“{login}” is administrator already and opens further accounts; if nobody can sign in so, "
        "reset that password.",
        "已有管理员“{login}”，由其开通其他账号；无法登录时请重置其口令。",
    ),
    "login-taken": Sentence(
        "Somebody signs in as “{login}” already; choose another name.",
        "登录名“{login}”已被使用，请另行选择。",
    ),
    "login-is-personal": Sentence(
        "A login name stands in the log in clear; use a staff number or a pseudonym, neither a "
        "telephone nor an identity number.",
        "登录名以明文记入日志，请使用工号或代号，不得使用手机号或身份证号。",
    ),
    "system-is-no-post": Sentence(
        "Nobody holds the post of the system itself; grant another role.",
        "“系统”不是岗位，请授予其他角色。",
    ),
    "role-already-held": Sentence(
        "The person is {role} there in that time already; end that post first.",
        "该人员在该期间已任{role}，请先终止原岗位。",
    ),
    "role-not-held": Sentence(
        "The person is not {role} there; choose a post that is held.",
        "该人员在该单位不担任{role}，请选择现任岗位。",
    ),
    "last-factor": Sentence(
        "Your post asks for a second factor and this is the last; add another one first.",
        "您的岗位要求第二因子，这是最后一个，请先登记另一个。",
    ),
    "account-locked": Sentence(
        "The account is locked; ask an administrator of your office.",
        "账号已锁定，请联系本单位管理员。",
    ),
    "account-not-locked": Sentence(
        "The account is not locked; the person may sign in.",
        "账号未锁定，可以正常登录。",
    ),
    "token-ends-first": Sentence(
        "The token would end at {expires}, before it is issued; name a later time.",
        "令牌到期时间 {expires} 早于签发时间，请另行填写。",
    ),
    "token-too-long": Sentence(
        "A token lasts at most {days} days; name an earlier time and renew it then.",
        "令牌有效期最长 {days} 天，请缩短有效期，到期再行签发。",
    ),
    "too-many-acquaintances": Sentence(
        "{most} people are declared already; let an administrator withdraw those who are no longer "
        "near.",
        "已申报 {most} 人；不再属于近亲属或近邻的，请由管理员撤回后再申报。",
    ),
    "conflict-with-nothing": Sentence(
        "Name the case or the person with whom there is a conflict.",
        "请填写须回避的个案或人员。",
    ),
    "conflict-declared": Sentence(
        "{practitioner} has a conflict with this case, declared or found by a number; give it to "
        "somebody else.",
        "{practitioner} 与该个案存在应当回避的关系（经申报或号码比对），请指派其他人员。",
    ),
    "sign-in-unfinished": Sentence(
        "Before acting one more step is needed: {step}.",
        "登录尚未完成，还需：{step}。",
    ),
    "scope-unknown": Sentence(
        "No part of the API that a program may use is called {scope}; these are: {known}.",
        "没有名为 {scope} 的权限范围，可填：{known}。",
    ),
    "password-short": Sentence(
        "A password has at least {least} characters; a few words in a row are easy to keep.",
        "口令至少 {least} 个字符，几个词语连写便于记忆。",
    ),
    "password-long": Sentence(
        "A password has at most {most} characters; choose a shorter one.",
        "口令不得超过 {most} 个字符，请缩短。",
    ),
    "password-known": Sentence(
        "This password is among the first that anybody tries: a common one, a row of keys or "
        "digits, a repetition, or a name known here; choose a few words of your own.",
        "该口令属于常见弱口令（常用口令、键盘或者数字顺序、重复字符、单位或者系统名称），"
        "请另选几个词语连写。",
    ),
    "password-personal": Sentence(
        "The password holds the login name; choose another one.",
        "口令包含登录名，请另行选择。",
    ),
    "password-same": Sentence(
        "This is the present password; choose another one.",
        "新口令与现用口令相同，请另行选择。",
    ),
}

ACCOUNT_TITLES = {
    "account.opened.v1": "开通账号",
    "account.role-granted.v1": "授予岗位",
    "account.role-ended.v1": "终止岗位",
    "account.password-reset.v1": "重置口令",
    "account.password-changed.v1": "修改口令",
    "account.factor-added.v1": "登记第二因子",
    "account.factor-removed.v1": "注销第二因子",
    "account.identity-linked.v1": "关联统一身份",
    "account.identity-unlinked.v1": "解除统一身份关联",
    "account.locked.v1": "锁定账号",
    "account.unlocked.v1": "解锁账号",
    "account.locked-out.v1": "多次失败，暂停登录",
    "account.token-issued.v1": "签发接口令牌",
    "account.token-revoked.v1": "吊销接口令牌",
    "account.conflict-declared.v1": "申报回避事由",
    "account.conflict-withdrawn.v1": "撤销回避事由",
    "account.acquaintance-declared.v1": "申报近亲属、近邻",
    "account.acquaintance-withdrawn.v1": "撤销近亲属、近邻申报",
    "account.signed-in.v1": "登录",
    "account.post-switched.v1": "切换岗位",
    "account.signed-out.v1": "退出",
}
