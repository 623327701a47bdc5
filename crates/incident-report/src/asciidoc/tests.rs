//! What AsciiDoc becomes in the model.

use super::*;
use crate::markup::show;

fn outline(asciidoc: &str) -> String {
    show::outline(&parse(&Source::new(asciidoc)))
}

#[test]
fn a_report_with_everything_in_it() {
    let report = "\
// a comment
= Pumps _stopped_
Ann Okot <ann@acme.test>; Bob Mwangi <bob@acme.test>
v1.0, 2026-03-09: after review
:toc:
:severity: SEV-2
:tracker: https://acme.test/issues
:incident-date: 2026-03-04

First line with {tracker}/1[a link],
// another comment
and {unknown}. See <<cause,the cause>>.

////
not
read
////
[[cause]]
== Cause

Summary::
  A fuse.
Impact:: No water
for hours
Later::

After a blank.

----
ERROR == no heading
----

NOTE: Read this.

[WARNING]
.Careful
====
* in a list
====

.Action items
* [ ] *Replace* the fuse
before winter
** [x] buy it
. number
+
A paragraph of the number.
+
[source,sh]
----
rm -rf
----

+
Of the item above.

* [*] done
- other

  indented

Ends the list.

 literal

''' 

image::pump.png[A pump]
include::other.adoc[]

Old style
---------

[quote]
____
quoted
____

== More ==
1. one
2. two
";
    insta::assert_snapshot!(outline(report), @"
    3 meta 3:author=Ann Okot, Bob Mwangi / 4:date=2026-03-09 / 6:severity=SEV-2 / 7:tracker=https://acme.test/issues / 8:incident-date=2026-03-04
    2 h1 Pumps stopped
    10 p 10:First line with a link, <https://acme.test/issues/1> / 12:and {unknown}. See the cause. <#cause>
    19 h2 Cause
    21 ul
    21-22  item
    21     p 21:**Summary:** / 22:A fuse.
    23-24  item
    23     p 23:**Impact:** No water / 24:for hours
    25-27  item
    25     p 25:**Later:**
    27     p 27:After a blank.
    29 code
    33 quote
    33   p 33:Read this.
    36 p 36:**Careful**
    37 quote
    38   ul
    38-38    item
    38       p 38:in a list
    41 p 41:**Action items**
    42 ul
    42-55  item [ ]
    42     p 42:**Replace** the fuse / 43:before winter
    44     ul
    44-55      item [x]
    44         p 44:buy it
    45         ol
    45-52          item
    45             p 45:number
    47             p 47:A paragraph of the number.
    50             code
    55         p 55:Of the item above.
    57-60  item [x]
    57     p 57:done
    58     ul
    58-60      item
    58         p 58:other
    60         p 60:indented
    62 p 62:Ends the list.
    64 code
    66 rule
    71 h2 Old style
    75 quote
    76   p 76:quoted
    79 h2 More
    80 ol
    80-80  item
    80     p 80:one
    81-81  item
    81     p 81:two
    ");
}

#[test]
fn tables() {
    let asciidoc = "\
.Work
[cols=\"2,1,1\"]
|===
|Action |Owner |Due

|Add an
alarm
|Ann
|2026-05-01
.2+|Two rows
|Bob |soon
|Cem |late
3+|across
|a \\| b a|
* one
* two
|https://acme.test/1[x]
|===

[%header,format=csv]
|===
Action,Owner
\"Paint, and dry\",Ann
|===

,===
a,b
,===

|===
|one |two
|three |four
|===

|===
2*|same
|===

[options=\"header\"]
|===
| A
| B
";
    insta::assert_snapshot!(outline(asciidoc), @"
    1 p 1:Work
    4 table Action | Owner | Due
    6   Add an alarm | Ann | 2026-05-01
    10   Two rows | Bob | soon
    10   Two rows | Cem | late
    13 h7 across
    14 table Action | Owner | Due
    14   a | b | one two | x <https://acme.test/1>
    22 table Action | Owner
    23   Paint, and dry | Ann
    27 table  | 
    27   a | b
    31 table  | 
    31   one | two
    32   three | four
    36 table  | 
    36   same | same
    41 table A
    42   B
    ");
}

#[test]
fn inline_markup() {
    for (asciidoc, expected) in [
        ("*Bold* and _thin_", "**Bold** and thin"),
        ("**B**old and __th__in", "**B**old and thin"),
        ("2 * 3 * 4 and a*b*c snake_case_name", "2 * 3 * 4 and a*b*c snake_case_name"),
        ("`a *b* c` and ``d``e and `+f_g_+`", "a *b* c and de and f_g_"),
        ("[.line-through]#old#", "~~old~~"),
        ("[.line-through]#old# and #new# C# F#", "~~old~~ and new C# F#"),
        ("link:a/b.pdf[the report,window=_blank]", "the report <a/b.pdf>"),
        ("https://acme.test/a_b_c[it^], then", "it, then <https://acme.test/a_b_c>"),
        (
            "https://acme.test/a_b. <https://acme.test>",
            "https://acme.test/a_b. https://acme.test <https://acme.test/a_b> <https://acme.test>",
        ),
        ("xref:other.adoc#top[there] and <<x>>", "there and x <other.adoc#top> <#x>"),
        (
            "mailto:a@acme.test[Ann] or mailto:b@acme.test[]",
            "Ann or b@acme.test <mailto:a@acme.test> <mailto:b@acme.test>",
        ),
        ("a +\nb", "a / 2:b"),
        ("x^2^ H~2~O a^b c^", "x2 H2O a^b c^"),
        ("\"`quoted`\" it's '`so`'", "\"quoted\" it's 'so'"),
        ("\\*not bold* {empty}{nbsp}x", "*not bold*  x"),
        ("+*raw*+ and pass:[<u>]", "*raw* and <u>"),
        ("kbd:[Ctrl] icon:check[] done", "Ctrl  done"),
        ("text footnote:[See https://acme.test/1.] goes on", "text  goes on <https://acme.test/1>"),
        ("((term)) and (((a, b)))it", "term and it"),
        ("unclosed *bold and `mono and <<ref", "unclosed *bold and `mono and <<ref"),
        ("[x] and [not a role] # y", "[x] and [not a role] # y"),
        ("&copy; &#8212; A & B", "© — A & B"),
        ("*Do* https://acme.test[*it*]", "**Do it** <https://acme.test>"),
    ] {
        assert_eq!(outline(asciidoc), format!("1 p 1:{expected}"), "{asciidoc}");
    }
}

#[test]
fn delimiters_without_a_partner_hide_nothing() {
    insta::assert_snapshot!(outline("----\n* a\n\n====\n* b\n--\n|===\n|c\n"), @"
    2 ul
    2-2  item
    2     p 2:a
    5 ul
    5-5  item
    5     p 5:b
    8 p 8:c
    ");
}

#[test]
fn attributes_grow_no_faster_than_the_source() {
    let mut bomb = String::from(":a: 0123456789\n");
    for (name, of) in "bcdefghij".chars().zip("abcdefghi".chars()) {
        bomb += &format!(":{name}: {}\n", format!("{{{of}}}").repeat(10));
    }
    bomb += "\n{j}\n";
    let document = parse(&Source::new(&bomb));
    let size: usize = show::outline(&document).len();
    assert!(size < 300_000, "{size}");
}
