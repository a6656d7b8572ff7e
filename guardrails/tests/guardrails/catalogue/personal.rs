//! Facts about a person.

use super::check;
use palisade_guardrails::Category;

#[test]
fn ages_in_words() {
    check(
        Category::AGE,
        60,
        &[
            "She is ⟦45 years old⟧, he a ⟦7-year-old⟧ boy; a ⟦30 yo⟧ and a ⟦29y/o⟧, ⟦61 years of age⟧.",
            "a man ⟦aged 45⟧. ⟦45 Jahre alt⟧, eine ⟦45-jährige⟧ Frau; elle est âgée de ⟦45 ans⟧; tiene ⟦45 años⟧",
            "0 years old, 121 years old, 1200 years old, 45 years, 45 ans plus tard, aged 12 months, aged 1.5",
        ],
    );
}

#[test]
fn dates_of_birth_are_told_by_what_is_said_before_them() {
    check(
        Category::DATE_OF_BIRTH,
        60,
        &[
            "born ⟦10/12/1915⟧, DOB: ⟦1915-12-10⟧, date of birth ⟦10.12.1990⟧, Birthday: ⟦December 10, 1990⟧",
            "born on ⟦10th December 1990⟧; D.O.B. ⟦10-DEC-1990⟧",
            "geboren am ⟦10. März 1990⟧",
            "née le ⟦1er août 1990⟧",
            "fecha de nacimiento: ⟦10 de enero de 1990⟧",
            "geb. ⟦10.12.90⟧",
            "the release of 10/12/2015 and 2015-12-10",
            "born 30/02/1990, born 13/13/1990, born 1990, born 10/12/1915x",
        ],
    );
}

#[test]
fn dates_in_figures_words_and_iso_8601() {
    check(
        Category::DATE_TIME,
        40,
        &[
            "⟦5-20-2021⟧ ⟦5-MAY-2021⟧ ⟦05/21/21⟧ ⟦21/5/21⟧ ⟦2021/5/21⟧ ⟦2021-05-21⟧ ⟦21.5.2021⟧ ⟦21.05.21⟧ ⟦may-2021⟧ ⟦JUN-21⟧ ⟦21-jun⟧",
            "⟦2024-06-05T09:15:30.500-07:00⟧ ⟦2024-12-31T23:59:59+00:00⟧, ⟦2024-03-15T14:30Z⟧ ⟦2024-03-15T14:30:00⟧",
            "⟦March 12, 1985⟧ ⟦Sept. 3rd, 2021⟧ ⟦12 March 1985⟧ ⟦3 juillet 2020⟧ ⟦March 1985⟧",
            "is5/21/21 20-20-2021 31.04.2021 2021-02-30 2024-13-01T09:15Z 40/5/21 5/21 5/2021 1.2.3",
        ],
    );
    check(
        Category::DATE_TIME,
        60,
        &["the date is 2021-05-21, 5-MAY-2021 and 2024-03-15T14:30Z"],
    );
    check(
        Category::DATE_TIME,
        40,
        &["date ⟦05/21⟧, expires ⟦12/2027⟧, date 13/2027"],
    );
}

#[test]
fn assigned_user_names() {
    check(
        Category::USERNAME,
        60,
        &[
            "username: ⟦ada.lovelace⟧, login = ⟦jdoe42⟧",
            "My user name is ⟦ada_1815⟧.",
            "username = request.user, username: str, login = getLogin(), user is not known, username is required",
        ],
    );
}

#[test]
fn assigned_ages() {
    check(
        Category::AGE,
        60,
        &[
            "age: ⟦45⟧",
            "Age = ⟦7⟧, edad: ⟦30⟧",
            "age: 0, age: 200, age: 4.5, age: 45/7",
        ],
    );
}
