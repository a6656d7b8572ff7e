//! What driver's licence numbers look like, state by state.

/// A run of letters (`a`) or digits (`n`): the kind, and how many at least and at most.
pub(super) type Run = (u8, usize, usize);

/// States and the numbers that their licences bear. Numbers of fewer than five characters are left out: they are
/// anything. Source: the licence number formats published by the states' motor vehicle agencies.
pub(super) const LICENCES: &[(&str, &[Run])] = &[
    ("AL", &[(b'n', 5, 8)]),
    ("AK DE", &[(b'n', 5, 7)]),
    ("AZ HI IN KS KY MA NV OK VA", &[(b'a', 1, 1), (b'n', 8, 8)]),
    ("AZ OH WV", &[(b'a', 2, 2), (b'n', 3, 7)]),
    (
        "AZ CO CT HI ID IA IN KS KY LA MA MS MT ND NV OK VA",
        &[(b'n', 9, 9)],
    ),
    ("AR GA LA NM OR PR SD TN UT WY", &[(b'n', 5, 10)]),
    ("CA NY", &[(b'a', 1, 1), (b'n', 7, 7)]),
    ("CO MO OH", &[(b'a', 1, 1), (b'n', 4, 9)]),
    ("CO", &[(b'a', 2, 2), (b'n', 3, 5)]),
    ("DC ME PA RI TX VT WA", &[(b'n', 7, 9)]),
    ("FL MD MI MN", &[(b'a', 1, 1), (b'n', 12, 12)]),
    ("ID", &[(b'a', 2, 2), (b'n', 6, 6), (b'a', 1, 1)]),
    ("IL", &[(b'a', 1, 1), (b'n', 11, 12)]),
    ("IN", &[(b'n', 10, 10)]),
    ("IA", &[(b'n', 3, 3), (b'a', 2, 2), (b'n', 4, 4)]),
    (
        "KS",
        &[
            (b'a', 1, 1),
            (b'n', 1, 1),
            (b'a', 1, 1),
            (b'n', 1, 1),
            (b'a', 1, 1),
        ],
    ),
    ("KY", &[(b'a', 1, 1), (b'n', 9, 9)]),
    ("ME VT", &[(b'n', 7, 7), (b'a', 1, 1)]),
    ("MI", &[(b'a', 1, 1), (b'n', 10, 10)]),
    ("MO", &[(b'a', 1, 1), (b'n', 6, 6), (b'a', 1, 1)]),
    ("MO", &[(b'n', 3, 3), (b'a', 1, 1), (b'n', 6, 6)]),
    ("MO", &[(b'n', 8, 9), (b'a', 1, 2)]),
    ("MT", &[(b'n', 13, 14)]),
    ("NE", &[(b'a', 1, 1), (b'n', 6, 8)]),
    ("NC", &[(b'n', 5, 12)]),
    ("ND", &[(b'a', 3, 3), (b'n', 6, 6)]),
    ("NH", &[(b'n', 2, 2), (b'a', 3, 3), (b'n', 5, 5)]),
    ("NH", &[(b'a', 3, 3), (b'n', 8, 8)]),
    ("NJ GU", &[(b'a', 1, 1), (b'n', 14, 14)]),
    ("NV", &[(b'n', 12, 12)]),
    ("NY", &[(b'n', 16, 16)]),
    ("NY", &[(b'a', 1, 1), (b'n', 18, 18)]),
    ("OR", &[(b'a', 2, 2), (b'n', 5, 5)]),
    ("RI OR WV", &[(b'a', 1, 1), (b'n', 6, 6)]),
    ("SC", &[(b'n', 5, 11)]),
    ("SD", &[(b'n', 12, 12)]),
    ("VA", &[(b'a', 1, 1), (b'n', 8, 11)]),
    (
        "WA",
        &[
            (b'a', 3, 3),
            (b'n', 1, 1),
            (b'a', 2, 2),
            (b'n', 3, 3),
            (b'a', 1, 1),
            (b'n', 2, 2),
        ],
    ),
    ("WI", &[(b'a', 1, 1), (b'n', 13, 13)]),
];
