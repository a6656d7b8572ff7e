//! Addresses of people and machines.

use super::check;
use palisade_guardrails::Category;

#[test]
fn web_addresses_end_where_a_reader_sees_them_end() {
    check(
        Category::URL,
        60,
        &[
            "see (⟦https://en.example.org/wiki/Foo_(bar)⟧). Then ⟦http://example.org⟧, ⟦http://example.org/a,b;c⟧; \"⟦https://example.org/?q=1&r[0]=2⟧\"",
            "[link](⟦https://example.org/a_b⟧) <⟦https://example.org/⟧> **⟦https://example.org/x⟧** `⟦https://example.org/x⟧`",
            "is it ⟦https://example.org⟧? or ⟦https://example.org/search?q=a⟧? yes: ⟦https://example.org/#top⟧!",
            "⟦https://example.org/a%20b/~ada/⟧... and {\"u\":\"⟦https://example.org/a⟧\\n\"}",
            "⟦HTTP://WWW.Example.COM:8443/X⟧ ⟦ftp://ada@example.org/x⟧ ⟦wss://example.org/live⟧ ⟦s3://my-bucket/a/b.txt⟧",
            "⟦http://192.0.2.7:8080/x⟧ ⟦http://[2001:db8::1]:80/x⟧ ⟦https://wiki.acme.internal/ada⟧",
            "访问⟦https://example.com/path⟧。谢谢 ⟦https://bücher.example/ä⟧、⟦https://例え.jp/x⟧ ⟦https://xn--bcher-kva.example⟧",
            "⟦www.example.com⟧, ⟦www2.example.co.uk/x⟧ ⟦WWW.EXAMPLE.COM⟧ ⟦github.com/ada/engine⟧.",
        ],
    );
}

#[test]
fn what_only_looks_like_a_web_address_is_left_alone() {
    check(
        Category::URL,
        40,
        &[
            "http://localhost:8080/x http://example http:// https://{host}/x http://$HOST/x file:///etc/hosts",
            "http://example.notatld/x http://-example-.org/ s3://b/",
            "main.rs src/lib.rs/x event.name e.g. i.e. end.So Dr.No 1.2.3 user.id a.b array.at(0) std::io",
            "www.example www..com www. .com/x",
            "https://ada:secret@example",
        ],
    );
}

#[test]
fn hosts_without_a_scheme_are_told_by_what_is_said_before_them() {
    check(
        Category::URL,
        40,
        &[
            "⟦example.com⟧",
            "domains: ⟦example.com⟧ ⟦example.co.il⟧.",
            "'⟦example.org⟧'",
        ],
    );
    check(
        Category::URL,
        60,
        &[
            "example.com",
            "my website is ⟦example.com⟧.",
            "visit ⟦shop.example.de⟧!",
        ],
    );
}

#[test]
fn a_web_address_longer_than_a_walk_is_one_match() {
    let long = "segment/".repeat(100);
    check(
        Category::URL,
        60,
        &[&format!("at ⟦https://example.org/{}⟧ now", &long[..250])],
    );
}

#[test]
fn mail_domains_are_checked_against_the_root_zone() {
    check(
        Category::EMAIL,
        60,
        &[
            "⟦ada@example.org⟧ ⟦ada@example.co.uk⟧ ⟦ada@EXAMPLE.COM⟧ ⟦ada@xn--80ak6aa92e.com⟧ ⟦ada@x.xn--p1ai⟧",
            "⟦ada@münchen.de⟧。⟦ada@例え.jp⟧、⟦ada@mail.acme.local⟧",
            "logo@2x.png package@1.2.3 ada@example.notatld ada@example.xn--zzzz actions/checkout@v4.1",
            &format!("⟦ada@{}.org⟧ ada@{}.org", "b".repeat(63), "b".repeat(64)),
        ],
    );
}

#[test]
fn version_4_addresses_with_and_without_a_prefix_length() {
    check(
        Category::IP_ADDRESS,
        60,
        &[
            "⟦192.168.1.254⟧, ⟦10.0.0.0/8⟧. [⟦203.0.113.9⟧]:80 ⟦255.255.255.255⟧ ⟦10.0.0.1⟧/33",
            "192.168.1.256 300.1.1.1 1.2.3 01.2.3.4 1.2.3.4.5 v1.2.3.4 Chrome/124.0.0.0 0.1.2.3 250.1.1.1",
        ],
    );
    check(
        Category::IP_ADDRESS,
        40,
        &["⟦0.0.0.0⟧ ⟦0.0.0.0/0⟧ ⟦192.168.1.1⟧.1"],
    );
}

#[test]
fn version_6_addresses_in_every_text_form() {
    check(
        Category::IP_ADDRESS,
        60,
        &[
            "⟦2001:db8::1⟧, ⟦2001:DB8:0:0:8:800:200C:417A⟧ ⟦fe80::1%eth0⟧ ⟦2001:db8::/32⟧. [⟦2001:db8::1⟧]:8080",
            "⟦::ffff:192.0.2.1⟧ ⟦64:ff9b::192.0.2.0/96⟧ ⟦::1⟧ ⟦fd12:3456:789a::1⟧ ⟦ff02::1⟧ ⟦fe80::1⟧: up",
            "12:34:56 1:2:3:4 std::fmt a::b :: ::: x[::2] y[1::2] fe80::1x",
            "00:11:22:33:44:55:66:77",
        ],
    );
    check(
        Category::IP_ADDRESS,
        40,
        &[
            "⟦A099::09C0:876A:130B⟧",
            "⟦684D:1111:222:3333:4444:5555:6:77⟧",
            "684D:1111:222:3333:4444:5555:77",
            "::ffff:192.168.1",
        ],
    );
    check(Category::IP_ADDRESS, 60, &["IP ⟦A099::09C0:876A:130B⟧"]);
}

#[test]
fn hardware_addresses_in_three_notations() {
    check(
        Category::MAC_ADDRESS,
        60,
        &[
            "⟦00:1A:2B:3C:4D:5E⟧ ⟦aa:bb:cc:dd:ee:ff⟧, ⟦0d-B3-4a-6A-d9-cF⟧ ⟦0a12.3456.789a⟧. ⟦01:23:45:67:89:01⟧",
            "ZZ:ZZ:ZZ:ZZ:ZZ:ZZ 00:00:00:00:00:00 ff-ff-ff-ff-ff-ff 00:1A-2B:3C-4D:5E 00:1A:2B:3C:4D 00:1A:2B:3C:4D:5E0",
            "01-23-45-67-89-01 1234.5678.9012 1fa2.0020.0002",
        ],
    );
    check(Category::MAC_ADDRESS, 60, &["MAC address ⟦01-23-45-67-89-01⟧"]);
    check(Category::MAC_ADDRESS, 40, &["⟦0012.3456.789A⟧"]);
}

#[test]
fn uncoloned_rests_of_longer_runs_are_no_addresses() {
    let fingerprint = "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD";
    check(
        Category::MAC_ADDRESS,
        40,
        &[fingerprint, "node ⟦00:1A:2B:3C:4D:5E⟧: up"],
    );
    check(
        Category::IP_ADDRESS,
        40,
        &[
            fingerprint,
            "12345:db8::1",
            "2001::25de::cade",
            "foo2001:db8::⟦10.0.0.1⟧",
            "ip:⟦fe80::1⟧",
        ],
    );
}

#[test]
fn uuids_of_the_versions_of_rfc_9562() {
    check(
        Category::UUID,
        40,
        &[
            "{⟦f81d4fae-7dec-11d0-a765-00a0c91e6bf6⟧} ⟦919108f7-52d1-4320-9bac-f847db4148a8⟧ ⟦017F22E2-79B0-7CC3-98C4-DC0C0C07398F⟧",
            "00000000-0000-0000-0000-000000000000 919108f7-52d1-9320-9bac-f847db4148a8 919108f7-52d1-4320-cbac-f847db4148a8",
        ],
    );
    check(
        Category::UUID,
        60,
        &["user id f81d4fae-7dec-11d0-a765-00a0c91e6bf6"],
    );
}

#[test]
fn bitcoin_addresses_need_their_checksum() {
    check(
        Category::CRYPTO,
        60,
        &[
            "to ⟦1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa⟧, ⟦3P14159f73E4gFr7JterCCQh9QjiTjiZrG⟧.",
            "⟦bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4⟧ ⟦BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4⟧",
            "⟦bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0⟧",
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa2 bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
        ],
    );
}

#[test]
fn ethereum_addresses_of_one_case_need_a_telling_word() {
    let plain = "0xde709f2102306220921060314715629080e2fb77";
    check(
        Category::CRYPTO_ETH,
        60,
        &[
            "⟦0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed⟧ 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
            plain,
            &format!("my ETH wallet ⟦{plain}⟧"),
            &format!("ETH {plain}a, ETH 0x{}", "0".repeat(40)),
        ],
    );
    check(Category::CRYPTO_ETH, 40, &[&format!("⟦{plain}⟧")]);
}
