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

    env.mention_foreign()

    assert env.hints["SUPABASE_URL"].startswith("SUPABASE_URL is ignored: set DATABASE_URL")
    assert env.hints["STRIPE_SECRET_KEY"] == "STRIPE_SECRET_KEY is not used by this version"
    assert "sk_test" not in str(env.hints)


@pytest.mark.parametrize(
    ("read", "value", "complaint"),
    [
        (lambda: env.flag("TRIAL"), "maybe", "TRIAL must be true or false"),
        (lambda: env.number("TRIAL", 1), "many", "TRIAL must be a number"),
        (lambda: env.number("TRIAL", 1), "nan", "TRIAL must be 0 or more"),
        (lambda: env.whole("TRIAL", 1), "inf", "TRIAL must be 0 or more"),
        (lambda: env.whole("TRIAL", 1), "1.5", "TRIAL must be a whole number"),
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
