//! What wikitext becomes in the model.

use super::*;
use crate::markup::show;

fn outline(wikitext: &str) -> String {
    show::outline(&parse(&Source::new(wikitext)))
}

#[test]
fn a_report_with_everything_in_it() {
    let report = "\
<!-- a comment
over two lines -->
{{Infobox incident
| date = 2026-03-04
| severity = [[SEV-2]]
| image =
| box-width = 20em
}}
__NOTOC__
== Pumps ''stopped'' ==
First line with [https://acme.test/1 a link],<ref>See {{cite web|url=https://acme.test/2|title=X}}
there</ref> and [[Fuse|the fuse]].
Second line {{citation needed|date=May 2026}} of ''it''. ~~~~

<!-- alone -->
: A remark
: and another

=== Details ===
; Cause : a fuse
; Effect
: no water
: for hours
; Next
<pre>
ERROR == not a heading ==
* no item
</pre>
 indented code
{{Scorecard
|start = 10:15
|end = 11:20}}

== Action items ==
* '''Replace''' the fuse ([[phab:T12|T12]]) {{done}}
** {{phab|T13}}: buy it
*# first
*# second
*: goes on
* [ ] Write it <s>down</s>
# <del>Old</del>
#* [x] nested

* after a blank
----
<ul>
<li>An item
over two lines</li>
<li>Another<ol><li>inner</ol>
</ul>
[[Category:Incidents]]
[[File:pump.png|thumb|A [[pump]]]]
";
    insta::assert_snapshot!(outline(report), @"
    3 meta 4:date=2026-03-04 / 5:severity=SEV-2
    10 h2 Pumps stopped
    11 p 11:First line with a link, and the fuse. <https://acme.test/1> <https://acme.test/2> <Fuse> / 13:Second line  of it.
    16 quote
    16   p 16:A remark
    17   p 17:and another
    19 h3 Details
    20 ul
    20-20  item
    20     p 20:**Cause:** a fuse
    21-23  item
    21     p 21:**Effect:** / 22:no water / 23:for hours
    24 p 24:**Next**
    25 code
    29 code
    31 p 31:start: 10:15 / 32:end: 11:20
    34 h2 Action items
    35 ul
    35-39  item
    35     p 35:**Replace** the fuse (T12) (done) <phab:T12>
    36     ul
    36-36      item
    36         p 36:T13: buy it
    37     ol
    37-37      item
    37         p 37:first
    38-39      item
    38         p 38:second
    39         p 39:goes on
    40-40  item [ ]
    40     p 40:Write it down
    41 ol
    41-42  item
    41     p 41:~~Old~~
    42     ul
    42-42      item [x]
    42         p 42:nested
    44 ul
    44-44  item
    44     p 44:after a blank
    45 rule
    47 ul
    47-48  item
    47     p 47:An item over two lines
    49-49  item
    49     p 49:Another
    49     ol
    49-49      item
    49         p 49:inner
    ");
}

#[test]
fn tables() {
    let wikitext = "\
{| class=\"wikitable\"
|+ class=\"x\" | Work
|-
! Action !! scope=\"col\" | Owner
! Due
|-
| Add an [[alert|alarm]] || Ann || 2026-05-01
|- style=\"x\"
| Test it
and again
| rowspan=2 | [[User:Bob|Bob]]
| {{Status|done}}
|-
| Write
* one
* two
| {{!}} x
|}

{|
| '''Action''' || '''Owner'''
|-
| Do it ||
{| class=x
|-
| in || ner
|}
|}

<table><tr><th>Action</th><th>Owner</th></tr>
<tr><td>Paint
it</td><td>Cem</td></tr></table>

:{| 
| unclosed
== Next ==
text
";
    insta::assert_snapshot!(outline(wikitext), @"
    2 p 2:Work
    4 table Action | Owner | Due
    7   Add an alarm <alert> | Ann | 2026-05-01
    9   Test it and again | Bob <User:Bob> | (done)
    14   Write one two | Bob <User:Bob> | x
    21 table **Action** | **Owner**
    23   Do it | in   ner
    30 table Action | Owner
    31   Paint it | Cem
    35 p 35:unclosed
    36 h2 Next
    37 p 37:text
    ");
}

#[test]
fn inline_markup() {
    for (wikitext, expected) in [
        ("'''Bold''' and ''thin''", "**Bold** and thin"),
        ("'''''Both''''' it's", "**Both** it's"),
        ("'''Unclosed", "**Unclosed**"),
        ("a [[b]]s and [[:Category:C]]", "a bs and Category:C <b> <Category:C>"),
        ("[[Help:Pipe|]] trick", "Pipe trick <Help:Pipe>"),
        ("[[unclosed and ]]x", "unclosed and x <unclosed and>"),
        ("[[a [[b]] c", "[[a b c <b>"),
        (
            "[https://acme.test] [not a link] [//acme.test x]",
            "https://acme.test [not a link] x <https://acme.test> <//acme.test>",
        ),
        ("https://acme.test/a_b, so", "https://acme.test/a_b, so <https://acme.test/a_b>"),
        ("<nowiki>''a'' [[b]] {{c}}</nowiki> d", "''a'' [[b]] {{c}} d"),
        ("run <command> &lt;x&gt; &amp; &nbsp;y", "run <command> <x> &  y"),
        ("<s>old</s>", "~~old~~"),
        ("<s>old</s> new", "~~old~~ new"),
        ("one<br/>two", "one / 1:two"),
        ("a {{unknown}} b {{small|c {{nested|d}}}} e", "a  b c d e"),
        ("open {{brace and [[link", "open {{brace and [[link"),
        ("{{tick}} x {{bug|12}} {{PR|7}} {{u|Ann}}", "✅ x bug 12 #7 Ann"),
        ("{{strike|gone}}", "~~gone~~"),
        ("due {{start date|2026|5|3}}", "due 2026-05-03"),
        ("{{color|red|[[a|b]]}} c", "b c <a>"),
        ("a<ref name=\"x\" /> b", "a b"),
        ("a __TOC__ b__c", "a  b__c"),
    ] {
        assert_eq!(outline(wikitext), format!("1 p 1:{expected}"), "{wikitext}");
    }
}

#[test]
fn a_template_does_not_reach_over_a_heading() {
    let wikitext = "{{broken\n\n== Next ==\n* do it }}\n";
    insta::assert_snapshot!(outline(wikitext), @"
    1 p 1:{{broken
    3 h2 Next
    4 ul
    4-4  item
    4     p 4:do it }}
    ");
}

#[test]
fn proposals_begin_with_a_header() {
    let wikitext = "<pre>\n  BIP: 50\n  Title: A fork of the chain,\n    told after it\n</pre>\n\n==What went wrong==\nAll.\n";
    insta::assert_snapshot!(outline(wikitext), @"
    1 meta 2:BIP=50 / 3:Title=A fork of the chain, told after it
    7 h2 What went wrong
    8 p 8:All.
    ");
}
