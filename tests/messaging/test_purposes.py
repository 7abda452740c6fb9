"""What follows from the purpose of a message stands in one table."""

from messaging.models.purposes import ANSWERS, BULK, BY_PEOPLE, RULES, Purpose


def test_every_purpose_has_its_rules_and_what_is_derived_is_what_the_table_says():
    assert set(RULES) == set(Purpose)
    assert set(ANSWERS) == {Purpose.ASSISTANT, Purpose.OPERATOR, Purpose.OWNER}
    assert set(BY_PEOPLE) == {Purpose.OPERATOR, Purpose.OWNER}
    assert set(BULK) == {Purpose.REMINDER}


def test_only_the_assistant_is_stopped_by_a_person_who_took_over():
    assert [purpose for purpose in Purpose if not purpose.rules.passes_fence] == [Purpose.ASSISTANT]


def test_what_costs_money_or_decides_is_never_sent_twice():
    for purpose in (Purpose.PAYMENT, Purpose.APPOINTMENT, Purpose.APPROVAL):
        assert not purpose.rules.may_be_resent
