//! Leaks and false alarms that users of such detectors report, each by its family, at the defaults of the gateway.
//!
//! `P` and `Q` stand for passwords, `W` for the word: no file holds what looks like a secret.

use crate::streams::{boundaries, finished, found_in, whole};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use palisade_guardrails::{Category, Engine, Options, Specimen, TextStream};
use std::sync::LazyLock;

/// What the gateway looks for unless its configuration says otherwise.
static GATEWAY: LazyLock<Engine> = LazyLock::new(|| Engine::with(gateway()).unwrap());

fn gateway() -> Options {
    let categories = Category::all().iter().copied();
    Options {
        categories: categories.filter(|category| *category != Category::URL).collect(),
        ..Options::default()
    }
}

/// A text with its stand-ins filled in.
fn filled(text: &str) -> String {
    text.replace("{P}", &["Xk7p", "Q2mV9d"].concat())
        .replace("{Q}", &["Zt4m", "R8wQ1x"].concat())
        .replace("{W}", "password")
}

/// Each text holds findings exactly where the brackets `⟦⟧` say, whole and a byte at a time.
fn finds(texts: &[&str]) {
    for marked in texts {
        let marked = filled(marked);
        let text = marked.replace(['⟦', '⟧'], "");
        assert_eq!(found_in(&GATEWAY, &text), marked);
        let cuts = boundaries(&text);
        let pieces = finished(&mut TextStream::default(), &GATEWAY, &text, &cuts);
        assert_eq!(pieces, whole(&GATEWAY, &text), "{text} in pieces");
    }
}

/// None of the texts holds anything.
fn leaves(texts: &[&str]) {
    finds(texts);
}

#[test]
fn versions_clauses_and_packages_are_no_addresses() {
    leaves(&[
        "\"packageVersion\":\"10.7.31.9\"",
        "numpy==1.26.4.1",
        "clause 7.5.3.2 of ISO 9001",
        "pkg-1.2.3.4.tar.gz",
        "<Version>1.2.3.4</Version>",
        "Mozilla/5.0 Chrome/49.0.2.1 Safari",
        "versions 1.2.3.4, 1.2.3.5 and 1.2.3.6",
        "upgraded from 1.2.3.4 to 1.2.3.5",
        "npm i left-pad@1.2.3.4",
        "AssemblyVersion(\"4.0.3.1\")",
        "app-1.2.3.4-linux.zip, app_1.2.3.4rc1",
        "siehe Abschnitt 3.1.2.4",
        "ISO 27001 8.2.1.3",
        "foo>=1.2.3.4,<2",
    ]);
    finds(&[
        "server ⟦10.1.2.3⟧ is down",
        "the version is 2 and the host is ⟦203.1.2.3⟧",
        "from ⟦10.20.30.40⟧ to ⟦10.20.30.41⟧",
        "tcp/⟦10.1.2.3⟧, ip-⟦10.1.2.3⟧",
        "https://ipinfo.example/⟦8.8.4.4⟧",
    ]);
}

#[test]
fn reserved_addresses_are_nobodys_unless_asked_for() {
    let reserved = [
        "127.0.0.1",
        "::1",
        "169.254.169.254",
        "192.0.2.10",
        "198.51.100.7",
        "203.0.113.9",
        "0.0.0.0",
        "255.255.255.255",
        "2001:db8::1",
        "fe80::1%eth0",
        "3fff:fff::1",
    ];
    let found = Engine::with(Options {
        specimens: vec![Specimen::ReservedAddresses],
        ..gateway()
    })
    .unwrap();
    for address in reserved {
        leaves(&[&format!("listen on {address} now"), &format!("IP: {address}")]);
        assert_eq!(
            found_in(&found, &format!("on {address} now")),
            format!("on ⟦{address}⟧ now")
        );
    }
    finds(&["⟦10.0.0.7⟧ ⟦192.168.7.7⟧ ⟦2606:4700::1111⟧ ⟦8.8.8.8⟧"]);
}

#[test]
fn accounts_of_transports_are_no_mail_addresses() {
    leaves(&[
        "origin git@gitlab.com:group/sub/proj.git (fetch)",
        "ssh://git@github.com/acme/widgets.git",
        "scp app.jar deploy@web-1.prod.internal:/opt/",
        "rsync -av backup@nas.local:/data /mnt",
        "ssh -i ~/.ssh/id -p 22 ec2-user@host-1.example.com uptime",
        "https://ann@dev.example.com/x.git",
        "\"command\": \"sftp ann@files.example.com\"",
        "git remote add origin ann@git.example.org:a/b.git",
    ]);
    finds(&[
        "write to ⟦ann@gitlab.example⟧ today",
        "to ssh in, ask ⟦ann@mail.example⟧",
        "git config user.email ⟦ann@mail.example⟧",
        "⟦ann@mail.example⟧:hunter",
        "mailto:⟦ann@mail.example⟧",
    ]);
}

#[test]
fn names_of_secrets_are_no_secrets() {
    let account = "123456789012";
    leaves(&[
        &format!("secretArn: arn:aws:secretsmanager:eu-west-1:{account}:secret:prod/db-a1B2c3"),
        "{W}: ${DB_PASSWORD1}",
        "{W}: !vault secret/data/db1",
        "{W}: $(cat pw1.txt)",
        "secret: /prod/db1/Password9",
        "token: projects/my-proj/secrets/db-T0k3n9Xy/versions/1",
    ]);
}

#[test]
fn specimens_of_documentation_are_found_when_asked_for() {
    let id = ["AKIA", "IOSFODNN7EXAMPLE"].concat();
    let secret = ["wJalrXUtnFEMI/K7MDENG/", "bPxRfiCYEXAMPLEKEY"].concat();
    let text = format!("{id}, aws_secret_access_key = {secret}, card 4111 1111 1111 1111");
    let found_with = |specimens| {
        let engine = Engine::with(Options {
            specimens,
            ..gateway()
        })
        .unwrap();
        engine
            .find(&text)
            .iter()
            .map(|found| found.category)
            .collect::<Vec<_>>()
    };
    let card = Category::CREDIT_DEBIT_CARD_NUMBER;
    assert_eq!(found_with(Options::default().specimens), [card]);
    assert_eq!(found_with(vec![]), []);
    let keys = [Category::AWS_ACCESS_KEY, Category::AWS_SECRET_KEY];
    assert_eq!(found_with(vec![Specimen::ExampleKeys]), keys);
}

#[test]
fn parts_ranges_and_cells_are_nobodys_numbers() {
    leaves(&[
        "range 100-20-3000",
        "part no. 536-90-4399-A",
        "order 536-90-4399",
        "cell 120 340 5600",
        "row 12 cell 400 200 3000",
        "desk 120 340 5600",
    ]);
    finds(&["SSN ⟦536-90-4399⟧", "⟦536-90-4399⟧", "my cell is ⟦415 555 0132⟧"]);
}

#[test]
fn what_a_header_names_is_found_in_every_row() {
    finds(&[
        "id,full_name,ssn,phone,email\n17,Ann Example,⟦536904399⟧,⟦4155550132⟧,⟦ann@mail.example⟧\n\
         18,Bo Sample,⟦219091234⟧,⟦2125550147⟧,⟦bo@mail.example⟧\n",
        "id,full_name,department,office,ssn,phone,email\n\
         17,Ann Example,Research and so on,Building 12 north,⟦536904399⟧,⟦4155550132⟧,⟦ann@mail.example⟧\n\
         18,Bo Sample,Research and so on,Building 12 north,⟦219091234⟧,⟦2125550147⟧,⟦bo@mail.example⟧\n",
        "\"id\",\"full name\",\"ssn\"\r\n\"17\",\"Example, Ann \"\"A\"\"\",\"⟦536904399⟧\"\r\n\
         \"18\",\"Sample,\nBo, of the northern branch office\",\"⟦219091234⟧\"\r\n",
        "id;name;ssn\n17;Ann;⟦536904399⟧\n18;Bo, who has a long description here;⟦219091234⟧\n19;Cy;⟦219091235⟧",
        "id\tname\tssn\tphone\n17\tAnn\t⟦536904399⟧\t⟦4155550132⟧\n18\tBo of the north\t⟦219091234⟧\t⟦2125550147⟧\n\
         19\tCy of the south\t⟦219091235⟧\t⟦2125550148⟧",
        "| id | name | ssn | phone |\n|----|:-----|----:|------|\n| 17 | Ann | ⟦536904399⟧ | ⟦4155550132⟧ |\n\
         | 18 | Bo  | ⟦219091234⟧ | ⟦2125550147⟧ |\n| 19 | Cy | ⟦219091235⟧ | ⟦2125550148⟧ |\n",
        "+----+------+-----------+\n| id | name | ssn       |\n+----+------+-----------+\n\
         | 17 | Ann, of the northern branch | ⟦536904399⟧ |\n| 18 | Bo, of the southern branch | ⟦219091234⟧ |\n",
        "ID   NAME          SSN         PHONE\n17   Ann Example   ⟦536904399⟧   ⟦4155550132⟧\n\
         18   Bo Sample     ⟦219091234⟧   ⟦2125550147⟧\n19   Cy Sample     ⟦219091235⟧   ⟦2125550148⟧\n",
        "NAME                     SSN\nAnn Example        ⟦536904399⟧\nBo Sample          ⟦219091234⟧\nCy                 ⟦219091235⟧\n",
        "<table><tr><th>id</th><th>SSN</th><th>Phone</th></tr><tr><td>17</td><td>⟦536904399⟧</td><td><b>⟦4155550132⟧</b></td></tr>\
         <tr><td>18<td>⟦219091234⟧<td class=\"number\">⟦2125550147⟧</tr></table>",
        "user,{W},role\nann,⟦{P}⟧,admin\nbo,⟦{Q}⟧,reader\n",
        "| user | {W} |\n|---|---|\n| ann | ⟦{P}⟧ |\n| bo | `⟦{Q}⟧` |\n",
        "USER   {W}     ROLE\nann    ⟦{P}⟧   admin\nbo     ⟦{Q}⟧   reader\n",
        "<tr><td>user</td><td>{W}</td></tr>\n<tr><td>ann</td><td>⟦{P}⟧</td></tr>\n<tr><td>bo</td><td>\n⟦{Q}⟧</td></tr>",
    ]);
    leaves(&[
        "id,ssn\n17,none\n\nThe total of all the lines above, as the department counts them, 536904399, is no number of a person's.",
        "id,total,ssn\n17,many of the things that the northern branch office keeps in stock,\n18,536904399,\n19,536904398,",
        "red, green, blue\n{P}, {Q}, x\n",
    ]);
}

#[test]
fn credentials_are_found_in_the_forms_that_people_use() {
    finds(&[
        "<{W}>⟦{P}⟧</{W}>",
        "<db {W}=\"⟦{P}⟧\"/>",
        "<{W} type=\"text\">⟦{P}⟧</{W}>",
        "mysql --{W} ⟦{P}⟧ -h db",
        "--{W}=⟦{P}⟧",
        "curl -s -u admin:⟦{P}⟧ https://x.example/",
        "{W} := \"⟦{P}⟧\"",
        "'{W}' => '⟦{P}⟧'",
        "- name: DB_PASSWORD\n  value: ⟦{P}⟧",
        "{\"name\":\"{W}\",\"value\":\"⟦{P}⟧\"}",
        "<key>{W}</key>\n\t<string>⟦{P}⟧</string>",
        "<name>db.{W}</name><value>⟦{P}⟧</value>",
        "variable \"db_{W}\" {\n  default = \"⟦{P}⟧\"",
        "{\"body\":\"{\\\"{W}\\\":\\\"⟦{P}⟧\\\"}\"}",
        "Das Passwort lautet ⟦{P}⟧",
        "Das Passwort ist: ⟦{P}⟧",
        "Le mot de passe est ⟦{P}⟧",
        "La contraseña es ⟦{P}⟧",
        "La {W} è ⟦{P}⟧",
        "A senha é ⟦{P}⟧",
        "Het wachtwoord is ⟦{P}⟧",
        "the {W} for the staging host is ⟦{P}⟧",
        "please reset the {W} to ⟦{P}⟧",
    ]);
    leaves(&[
        "add the {W} to file1a2b",
        "sort -u admin:{P}",
        "Map<{W}>({P})",
        "the {W} is required",
        "if {W} == other2:",
        "git push -u origin:main2a",
    ]);
}

#[test]
fn numbers_are_found_whatever_stands_between_their_groups() {
    finds(&[
        "card ⟦4539  5383  0899  3519⟧",
        "card ⟦4539\t5383\t0899\t3519⟧",
        "card ⟦4539 - 5383 - 0899 - 3519⟧",
        "card ⟦4539\n5383\n0899\n3519⟧",
        "SSN ⟦536 - 90 - 4399⟧",
        "SSN ⟦536  90  4399⟧",
        "SSN ⟦536\t90\t4399⟧",
        "phone ⟦415  555  0132⟧",
        "phone ⟦(415) 555 - 0132⟧",
        "phone ⟦415\n555\n0132⟧",
    ]);
    leaves(&[
        "4539  5383  0899  3519",
        "card 4539  5383  0899  3518",
        "536  90  4399",
        "415  555  0132",
    ]);
}

#[test]
fn prefixes_that_lead_abroad_are_as_good_as_a_plus() {
    finds(&[
        "phone ⟦0049 171 1234567⟧",
        "phone ⟦0031 6 12345678⟧",
        "phone ⟦0044 7700 900123⟧",
        "reach him at ⟦011 49 171 1234567⟧",
        "⟦0033 (0)6 12 34 56 78⟧",
    ]);
}

#[test]
fn national_layouts_are_whole_after_a_word_of_their_language() {
    finds(&[
        "mobile ⟦98765 43210⟧",
        "celular ⟦(11) 98765-4321⟧",
        "tél. ⟦06 12 34 56 78⟧",
        "手机 ⟦138 1234 5678⟧",
        "Tel. ⟦030/901820-14⟧",
        "Handy ⟦0171 1234567⟧",
        "móvil ⟦612 34 56 78⟧",
        "телефон ⟦8 (912) 345-67-89⟧",
        "携帯 ⟦090-1234-5678⟧",
        "telefoon ⟦06-12345678⟧",
        "cellulare ⟦347 123 4567⟧",
    ]);
}

#[test]
fn addresses_beyond_ascii_are_whole() {
    finds(&[
        "an ⟦ann.müller@beispiel.de⟧ bitte",
        "mail ⟦josé@ejemplo.es⟧ y ⟦åsa-brö@exempel.se⟧",
        "пиши ⟦иван.петров@пример.рф⟧ сейчас",
        "⟦νίκος@παράδειγμα.ελ⟧",
        "请联系⟦ann@mail.example⟧谢谢",
        "почта:⟦ann@mail.example⟧",
        "D\u{1C3B}⟦ann@mail.example⟧",
        "⟦用户@例子.公司⟧",
    ]);
}

#[test]
fn what_does_not_print_hides_nothing() {
    let key = ["AKIA", "Z7QPLM2X", "WVB6TR4K"].concat();
    finds(&[
        "card ⟦4539\u{8} 5383\0 0899\u{1B} 3519⟧",
        "card ⟦4539\u{B}538308993519⟧",
        "mail ⟦an\0n@mail.ex\u{7F}ample⟧ and ⟦an\u{301}n@mail.example⟧",
        &format!("id ⟦{}\u{8}{}⟧", &key[..7], &key[7..]),
        "SSN ⟦5\u{FE0F}\u{20E3}3\u{FE0F}\u{20E3}6\u{FE0F}\u{20E3}-90-4399⟧",
        "\u{1B}[31m⟦4539 5383 0899 3519⟧\u{1B}[0m",
    ]);
}

#[test]
fn encodings_that_people_use_are_read() {
    finds(&[
        "⟦ann(at)mail.example⟧, ⟦bo<at>mail(dot)example⟧",
        "⟦ann (at) mail (dot) example⟧, ⟦bo [at] mail.example⟧, ⟦cy { AT }mail.example⟧",
        "b@h𐕰⟦1aio@mail.example⟧ µ⟦2b@mail.example⟧",
        "To ⟦\"ann example\"@mail.example⟧, ⟦\"bo\"@mail.example⟧",
        "⟦ann%40mail.example⟧ ⟦ann%2540mail.example⟧",
        "⟦ann&#64;mail.example⟧ ⟦ann&#x40;mail&period;example⟧ ⟦ann&amp;#64;mail.example⟧",
        "⟦ann\\\\u0040mail.example⟧ ⟦ann\\x40mail.example⟧",
        "To: ⟦ann=40mail.example⟧",
        "{W}=3D⟦{P}⟧",
        "A line of a mail that is as long as such lines are, and ends so: ⟦ann@mai=\r\nl.example⟧, that was it.",
        "A line of a mail that is as long as such lines are, and ends so: ⟦ann@mail=\n.example⟧, that was it.",
        "&quot;{W}&quot;: &quot;⟦{P}⟧&quot;",
        "q=%22{W}%22%3A%22⟦{P}⟧%22",
    ]);
    leaves(&[
        "width=40px",
        "ann@mai=\nl.example",
        "x =\n    3 == 4",
        "printf(\"%3d %40s\", x)",
        "a&copy=1&amp=2",
        "look (at) this",
        "a (dot) b",
        "she said \"hello there\" @ mail.example",
        "\"one\"two\"@mail.example",
    ]);
}

/// `marked`, encoded; the marks where the fours begin and end that hold what is between them.
fn in_base64(marked: &str) -> String {
    let marked = filled(marked);
    let text = marked.replace(['⟦', '⟧'], "");
    let mut encoded = BASE64_STANDARD.encode(&text);
    let unmarked = |upto: usize| marked[..upto].replace(['⟦', '⟧'], "").len();
    for (at, mark) in marked.rmatch_indices(['⟦', '⟧']) {
        let fours = match mark {
            "⟦" => unmarked(at) / 3,
            _ => unmarked(at).div_ceil(3),
        };
        encoded.insert_str(fours * 4, mark);
    }
    encoded
}

#[test]
fn text_in_base64_is_read() {
    let long = "This is a longer text about nothing at all. ".repeat(40)
        + "Ask ⟦ann@mail.example⟧, SSN ⟦536-90-4399⟧.\n";
    let texts = [
        "⟦ann@mail.example⟧ is it",
        "the SSN is ⟦536-90-4399⟧",
        "{\"user\": \"ann\", \"{W}\": \"⟦{P}⟧\"}",
        "Say \"{W}\": \"⟦{P}⟧\" and card ⟦4539 5383 0899 3519⟧.",
        &long,
    ];
    for text in texts {
        let encoded = in_base64(text);
        finds(&[
            &format!("{{\"data\": \"{encoded}\"}}"),
            &format!("data:\n  note: {encoded}\n"),
            &format!("data:text/plain;base64,{encoded} and more"),
        ]);
    }
    let capital = in_base64("My address: ⟦ann@mail.example⟧");
    finds(&[&format!("echo {capital} | base64 -d")]);
    let key = in_base64("a key of my own, with no end");
    let token = [
        "eyJ",
        "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.",
        "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    ]
    .concat();
    finds(&[&format!("{W}: ⟦{key}⟧", W = "{W}"), &format!("at \"⟦{token}⟧\"")]);
}

#[test]
fn tables_hold_however_long_they_are_and_however_they_arrive() {
    let note = "a note that is longer than most, about nothing at all, ".repeat(8);
    let quoted = format!("\"{note}\n{note}\"");
    let ssn = |row: usize| format!("{}", 219_091_000 + row);
    let password = |row: usize| filled(&format!("{{P}}{row}"));
    type Row = fn(&[&str]) -> String;
    let layouts: [(&str, Row, &str); 4] = [
        ("note,ssn,{W}\n", |cells| cells.join(",") + "\n", &quoted),
        (
            "| note | ssn | {W} |\n|--|--|--|\n",
            |cells| format!("| {} |\n", cells.join(" | ")),
            &note,
        ),
        (
            "NOTE  SSN        {W}\n",
            |cells| format!("-     {}  {}\n", cells[1], cells[2]),
            "",
        ),
        (
            "<table><tr><th>note</th><th>ssn</th><th>{W}</th></tr>",
            |cells| format!("<tr><td>{}</td></tr>\n", cells.join("</td><td>")),
            &note,
        ),
    ];
    for (header, row, first) in layouts {
        let rows: String = (0..30).map(|at| row(&[first, &ssn(at), &password(at)])).collect();
        let text = format!("Some text in front.\n{}{rows}", filled(header));
        let expected = whole(&GATEWAY, &text);
        let found = expected.matches();
        for at in 0..30 {
            assert!(
                found.iter().any(|(_, value)| *value == ssn(at)),
                "row {at} of {header}"
            );
            assert!(
                found.iter().any(|(_, value)| *value == password(at)),
                "row {at} of {header}"
            );
        }
        assert_eq!(found.len(), 60, "{header}");
        for size in [1, 3, 7, 64, 1000] {
            let cuts: Vec<usize> = (size..text.len()).step_by(size).collect();
            let pieces = finished(&mut TextStream::default(), &GATEWAY, &text, &cuts);
            assert!(pieces == expected, "{header} in pieces of {size}");
        }
    }
}
