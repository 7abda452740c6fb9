"""Settings come from variables, files and the guides' spellings; what cannot be used is named."""

import pytest

from common import env


@pytest.fixture(autouse=True)
def _no_hints(monkeypatch):
    monkeypatch.setattr(env, "hints", {})


def test_a_setting_may_stand_in_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from-a-file\n")
    monkeypatch.setenv("TRIAL_KEY_FILE", str(tmp_path / "key"))

    assert env.text("TRIAL_KEY") == "from-a-file"


@pytest.mark.parametrize("around", ["\n", " ", "\t", "\r\n", "\xa0", "\u200b", "\ufeff", "\u2028", "\u3000"])
def test_what_copying_leaves_around_a_value_is_not_part_of_it(monkeypatch, tmp_path, around):
    monkeypatch.setenv("TRIAL_KEY", f"{around}sk-test{around}")
    (tmp_path / "key").write_text(f"{around}sk-file{around}", encoding="utf-8")
    monkeypatch.setenv("TRIAL_SECRET_FILE", str(tmp_path / "key"))

    assert (env.text("TRIAL_KEY"), env.text("TRIAL_SECRET")) == ("sk-test", "sk-file")


def test_a_value_of_blanks_is_none(monkeypatch):
    monkeypatch.setenv("TRIAL_KEY", " \n")

    assert env.text("TRIAL_KEY", "default") == "default"


def test_the_variable_wins_over_the_file(monkeypatch, tmp_path):
    monkeypatch.setenv("TRIAL_KEY_FILE", str(tmp_path / "missing"))
    monkeypatch.setenv("TRIAL_KEY", "direct")

    assert env.text("TRIAL_KEY") == "direct"


def test_a_file_that_is_not_there_is_named_without_its_content(monkeypatch, tmp_path):
    monkeypatch.setenv("TRIAL_KEY_FILE", str(tmp_path / "missing"))

    with pytest.raises(env.SettingError, match="TRIAL_KEY_FILE cannot be read: No such file"):
        env.text("TRIAL_KEY")


@pytest.mark.parametrize(
    ("spelling", "name"), [("MICAI_TRIAL", "TRIAL"), ("API_PORT", "PORT"), ("CORS_ORIGIN", "CORS_ORIGINS")]
)
def test_the_guides_spellings_are_read_and_named_once(monkeypatch, spelling, name):
    monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(spelling, "value")

    assert env.text(name) == env.text(name) == "value"
    assert list(env.hints.values()) == [f"{spelling} is read as {name}"]


def test_variables_of_other_systems_get_a_hint(monkeypatch):
    monkeypatch.setenv("SUPABASE_URL", "https://x.supabase.co")
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test")

    env.record_unused_variables()

    assert env.hints["SUPABASE_URL"].startswith("SUPABASE_URL is ignored: set DATABASE_URL")
    assert env.hints["STRIPE_SECRET_KEY"] == "STRIPE_SECRET_KEY is not used by this version"
    assert "sk_test" not in str(env.hints)


# Each variable that one of the five deployment guides names for the product or for what stands beside it.
GUIDES = """
ADMIN_API_KEY ANTHROPIC_API_KEY API_PORT APP_ENV AZURE_OPENAI_API_KEY AZURE_OPENAI_DEPLOYMENT AZURE_OPENAI_ENDPOINT
CODECOV_TOKEN CORE_DECISION_WEBHOOK CORS_ORIGIN CORS_ORIGINS CRON_SECRET DATABASE_URL DEFAULT_SYSTEM_PROMPT
EVOLUTION_WEBHOOK_SHARED_SECRET HUBSPOT_ACCESS_TOKEN IMSG_BUCKET_CAPACITY IMSG_BUCKET_REFILL_PER_MIN LLM_MAX_TOKENS
LLM_PROVIDER LLM_TIMEOUT LOG_LEVEL MICAI_ADMIN_API_KEY MICAI_APP_ENV MICAI_DATABASE_URL MICAI_OUTBOUND_REPLY_ENABLED
MICAI_REDIS_URL MICAI_REQUIRE_INVOKE_PREFIX MICAI_WHATSAPP_ACCESS_TOKEN MICAI_WHATSAPP_PHONE_NUMBER_ID
MICAI_WHATSAPP_VERIFY_TOKEN MIN_SPACING_SEC N8N_API_KEY N8N_ENABLED N8N_WEBHOOK_URL NEXT_PUBLIC_API_URL NODE_ENV
OPENAI_API_KEY OTEL_ENABLED OTEL_EXPORTER_OTLP_ENDPOINT OTEL_SERVICE_NAME OWNER_WA_NUMBER PHOTON_BASE_URL PHOTON_TO
PORT POSTGRES_DB POSTGRES_PASSWORD PYTHON_VERSION REDIS_PASSWORD REDIS_URL RESUME_AFTER_HOURS STRIPE_SECRET_KEY
STRIPE_WEBHOOK_SECRET SUPABASE_ANON_KEY SUPABASE_SERVICE_ROLE_KEY SUPABASE_URL TRIGGER_ACCESS_TOKEN TRIGGER_SECRET_KEY
TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN TWILIO_WA_NUMBER WA_BUCKET_CAPACITY WA_BUCKET_REFILL_PER_MIN WEBHOOK_SIGNING_SECRET
WHATSAPP_ACCESS_TOKEN WHATSAPP_API_KEY WHATSAPP_API_VERSION WHATSAPP_PHONE_NUMBER_ID WHATSAPP_VERIFY_TOKEN
WHATSAPP_WEBHOOK_SECRET
""".split()  # noqa: SIM905 - reads as text


@pytest.mark.parametrize("name", GUIDES)
def test_every_variable_of_the_guides_is_read_or_gets_a_hint(monkeypatch, name):
    monkeypatch.setenv(name, "value")

    env.record_unused_variables()

    settings_there_are = env._asked | {alias for names in env.ALIASES.values() for alias in names}
    assert name.removeprefix("MICAI_") in settings_there_are or env.hints[name].startswith(name)


@pytest.mark.parametrize("name", ["MICAI_NO_SUCH_THING", "MICAI_NO_SUCH_THING_FILE"])
def test_a_name_with_a_guides_prefix_that_means_nothing_is_said(monkeypatch, name):
    monkeypatch.setenv(name, "value")

    env.record_unused_variables()

    assert env.hints[name] == f"{name} is ignored: there is no setting NO_SUCH_THING"


@pytest.mark.parametrize(
    ("key", "provider"),
    [("ANTHROPIC_API_KEY", "anthropic"), ("OPENAI_API_KEY", "openai"), ("AZURE_OPENAI_API_KEY", "azure")],
)
def test_a_models_key_without_the_choice_of_the_model_is_said(monkeypatch, key, provider):
    monkeypatch.setenv(key, "sk-test")
    env.record_unused_variables()
    assert env.hints == {key: f"{key} is set, but the assistant is offline: LLM_PROVIDER={provider} has it answer"}

    env.hints.clear()
    monkeypatch.setenv("LLM_PROVIDER", "offline")
    env.record_unused_variables()
    assert env.hints == {}


def test_a_file_of_settings_is_read_as_it_stands(monkeypatch, tmp_path):
    values = {
        "DEFAULT_SYSTEM_PROMPT": "You are the desk; be kind & brief, it's $5 #1",
        "DATABASE_URL": "postgres://u:p@db/frontdesk?sslmode=require&connect_timeout=3",
        "ALERT_WEBHOOK_URL": "https://hooks.example.com/a=b",
        "EMAIL_URL": "smtp+tls://u:p%40ss@mail:587",
    }
    lines = [f"{name}={value}" for name, value in values.items()]
    lines += [
        "# A=comment",
        "",
        "  export TRIAL_QUOTED='single $x'",
        'TRIAL_DOUBLE="double"',
        "TRIAL_SET=from the file",
    ]
    lines += ["TRIAL_EMPTY="]
    (tmp_path / ".env").write_text("\r\n".join(lines), encoding="utf-8")
    for name in (*values, "TRIAL_QUOTED", "TRIAL_DOUBLE", "TRIAL_EMPTY"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("TRIAL_SET", "from the shell")
    monkeypatch.setenv("ENV_FILE", str(tmp_path / ".env"))

    env.load_file()

    assert {name: env.text(name) for name in values} == values
    trials = ("TRIAL_QUOTED", "TRIAL_DOUBLE", "TRIAL_SET", "TRIAL_EMPTY")
    assert [env.text(name) for name in trials] == ["single $x", "double", "from the shell", ""]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [("SECRET_KEY=a\nnonsense\n", "line 2 of ENV_FILE is not NAME=value"), (None, "ENV_FILE cannot be read: No such")],
)
def test_a_file_of_settings_that_cannot_be_read_is_named(monkeypatch, tmp_path, content, complaint):
    if content is not None:
        (tmp_path / ".env").write_text(content)
    monkeypatch.setenv("SECRET_KEY", "set")
    monkeypatch.setenv("ENV_FILE", str(tmp_path / ".env"))

    with pytest.raises(env.SettingError, match=complaint):
        env.load_file()


@pytest.mark.parametrize(
    ("read", "value", "complaint"),
    [
        (lambda: env.flag("TRIAL"), "maybe", "TRIAL must be true or false"),
        (lambda: env.number("TRIAL", 1), "many", "TRIAL must be a number"),
        (lambda: env.number("TRIAL", 1), "nan", "TRIAL must be 0 or more"),
        (lambda: env.integer("TRIAL", 1), "inf", "TRIAL must be 0 or more"),
        (lambda: env.integer("TRIAL", 1), "1.5", "TRIAL must be a whole number"),
        (lambda: env.number("TRIAL", 1, least=1), "0", "TRIAL must be 1 or more"),
        (lambda: env.url("TRIAL"), "ftp://x", "TRIAL must begin with https://"),
    ],
)
def test_what_cannot_be_used_is_named(monkeypatch, read, value, complaint):
    monkeypatch.setenv("TRIAL", value)

    with pytest.raises(env.SettingError, match=complaint):
        read()


def test_yes_and_no_in_all_usual_words(monkeypatch):
    for word, meant in (("true", True), ("YES", True), ("on", True), ("1", True), ("False", False), ("off", False)):
        monkeypatch.setenv("TRIAL", word)
        assert env.flag("TRIAL", not meant) is meant


def test_lists_and_addresses_are_trimmed(monkeypatch):
    monkeypatch.setenv("TRIAL", " a, b ,,c ")
    assert env.words("TRIAL") == ["a", "b", "c"]
    monkeypatch.setenv("TRIAL", "https://desk.example.com/")
    assert env.url("TRIAL") == "https://desk.example.com"
