//! What reStructuredText becomes in the model.

use super::*;
use crate::markup::show;

fn outline(rst: &str) -> String {
    show::outline(&parse(&Source::new(rst)))
}

#[test]
fn a_report_with_everything_in_it() {
    let report = "\
.. |when| replace:: 2026-03-04
.. _runbook: https://acme.test/runbook

==============
Pumps stopped
==============

:Author: Ann Okot
:Severity: SEV-2
:orphan:

.. contents::
   :depth: 2

It happened on |when|, see `the runbook`__ and
`a post <https://acme.test/post>`_.

__ https://acme.test/anonymous

.. a comment
   over two lines

Details
=======
Log::

    ERROR no pumps
    TODO nothing

Cause
    A fuse.

Effect
    No water.

-----

.. note:: Read this.

   And this.

Next steps
----------

* **Replace** the fuse, see runbook_
  before winter

  - buy it
  - [x] fit it

* [ ] Write ``it`` *down* [1]_
#. first
#. second

.. [1] A footnote.

.. image:: pump.png
   :alt: A pump
";
    insta::assert_snapshot!(outline(report), @"
    8 meta 8:Author=Ann Okot / 9:Severity=SEV-2
    4 h1 Pumps stopped
    15 p 15:It happened on 2026-03-04, see the runbook and <https://acme.test/anonymous> / 16:a post. <https://acme.test/post>
    23 h2 Details
    25 p 25:Log:
    27 code
    30 ul
    30-31  item
    30     p 30:**Cause:** / 31:A fuse.
    33-34  item
    33     p 33:**Effect:** / 34:No water.
    36 rule
    38 quote
    38   p 38:Read this.
    40   p 40:And this.
    42 h3 Next steps
    45 ul
    45-49  item
    45     p 45:**Replace** the fuse, see runbook <https://acme.test/runbook> / 46:before winter
    48     ul
    48-48      item
    48         p 48:buy it
    49-49      item [x]
    49         p 49:fit it
    51-51  item [ ]
    51     p 51:Write it down
    52 ol
    52-52  item
    52     p 52:first
    53-53  item
    53     p 53:second
    55 p 55:A footnote.
    ");
}

#[test]
fn titles_count_in_order_of_appearance() {
    let rst = "Top\n***\n\nSub\n===\n\nA - line\n\nOther\n*****\n\n~~~~~~~~\n Framed\n~~~~~~~~\n\nNo\n--\n\nToo long for it\n--\n\n10:15\n-----\n";
    insta::assert_snapshot!(outline(rst), @"
    1 h1 Top
    4 h2 Sub
    7 p 7:A - line
    9 h1 Other
    12 h3 Framed
    16 h4 No
    19 p 19:Too long for it / 20:--
    22 h4 10:15
    ");
}

#[test]
fn lists_are_read_as_they_are_meant() {
    let rst = "\
Actions:
  - first
  - second
    * inner
    * more
- wrapped without
indentation
- last

  1. one
  2) two
     (a) three

Steps
  #. indented
";
    insta::assert_snapshot!(outline(rst), @"
    1 p 1:Actions:
    2 ul
    2-2  item
    2     p 2:first
    3-5  item
    3     p 3:second
    4     ul
    4-4      item
    4         p 4:inner
    5-5      item
    5         p 5:more
    6 ul
    6-7  item
    6     p 6:wrapped without / 7:indentation
    8-12  item
    8     p 8:last
    10     ol
    10-10      item
    10         p 10:one
    11-12      item
    11         p 11:two / 12:(a) three
    14 ul
    14-15  item
    14     p 14:**Steps:**
    15     ol
    15-15      item
    15         p 15:indented
    ");
}

#[test]
fn tables_of_every_kind() {
    let rst = "\
+------------+-------+
| Action     | Owner |
+============+=======+
| Add an     | Ann   |
| alert      |       |
+------------+-------+
| Test it    | Bob   |
+            +-------+
|            | Cem   |
+------------+-------+
| both columns       |
+------------+-------+

=========  =====  ==========
Action     Owner  Due
=========  =====  ==========
Add a fan  Ann    2026-05-01
           Bob
Test it    Bob

Ünïcode x  Cem    2026-05-02
=========  =====  ==========

.. list-table:: Work
   :header-rows: 1
   :widths: 10 20

   * - Action
     - Owner
   * - Add `it <https://acme.test/1>`__
     - Ann

.. csv-table:: More
   :header: \"Action\", \"Owner\"

   \"Add, and fit\", Ann
   Test, **Bob**
";
    insta::assert_snapshot!(outline(rst), @"
    2 table Action | Owner
    4   Add an alert | Ann
    7   Test it | Bob
    7   Test it | Cem
    11 h7 both columns
    15 table Action | Owner | Due
    17   Add a fan | Ann Bob | 2026-05-01
    19   Test it | Bob | 
    21   Ünïcode x | Cem | 2026-05-02
    24 p 24:Work
    28 table Action | Owner
    30   Add it <https://acme.test/1> | Ann
    33 p 33:More
    33 table Action | Owner
    36   Add, and fit | Ann
    37   Test | **Bob**
    ");
}

#[test]
fn directives_keep_their_words_or_go() {
    let rst = "\
.. admonition:: Action items

   - do it

.. rubric:: Next steps

.. todo:: Ask Ann

.. unknown:: with words
   :option: x

   and a body

.. container:: narrow

   - in it

.. code-block:: console
   :linenos:

   $ rm -rf

.. figure:: x.png

   A caption

.. only:: html

   Shown
.. warning::
   Careful
";
    insta::assert_snapshot!(outline(rst), @"
    1 p 1:**Action items**
    3 ul
    3-3  item
    3     p 3:do it
    5 h7 Next steps
    7 p 7:TODO: Ask Ann
    9 p 9:with words
    12 p 12:and a body
    16 ul
    16-16  item
    16     p 16:in it
    18 code
    29 p 29:Shown
    30 quote
    31   p 31:Careful
    ");
}

#[test]
fn fields_below_the_head_are_lines() {
    let rst = "Title\n=====\n\nText.\n\n:Owner: Ann\n:Due:\n   2026-05-01\n:Links:\n   - a\n   - b\n";
    insta::assert_snapshot!(outline(rst), @"
    1 h1 Title
    4 p 4:Text.
    6 p 6:Owner: Ann / 7:Due: 2026-05-01 / 9:Links:
    10 ul
    10-10  item
    10     p 10:a
    11-11  item
    11     p 11:b
    ");
}

#[test]
fn inline_markup() {
    let lines = |rst: &str| outline(rst);
    for (rst, expected) in [
        ("**Bold** and *thin*", "**Bold** and thin"),
        ("2 * 3 * 4 and a*b*c", "2 * 3 * 4 and a*b*c"),
        ("*args and **kwargs", "*args and **kwargs"),
        ("``a **b** `c``", "a **b** `c"),
        ("see :ref:`the page <page>` and :doc:`x`", "see the page and x"),
        (":issue:`12` and :del:`old`", "#12 and old"),
        (":del:`old`", "~~old~~"),
        ("`x`_ and y_ and z__", "x and y_ and z__"),
        ("a\\*b\\* c\\ d", "a*b* cd"),
        ("`text <https://acme.test/a b>`__", "text <https://acme.test/ab>"),
        ("`<https://acme.test>`_", "https://acme.test <https://acme.test>"),
        ("https://acme.test/a_b_.", "https://acme.test/a_b_. <https://acme.test/a_b_>"),
        ("[CIT]_ says [#note]_ so [x]", "[CIT] says  so [x]"),
        ("|unknown| stays", "|unknown| stays"),
        ("unclosed `quote and ``literal", "unclosed `quote and ``literal"),
        ("snake_case_ stays_", "snake_case_ stays_"),
        ("(*x*), \"**y**\".", "(x), \"y\"."),
    ] {
        assert_eq!(lines(rst), format!("1 p 1:{expected}"), "{rst}");
    }
}

#[test]
fn references_lead_where_they_are_defined() {
    let rst = "See one_, `Two words`_, three__ and four__.\n\n.. _One: https://acme.test/1\n.. _two  words: one_\n.. __: https://acme.test/3\n\n__ https://acme.test/4\n.. _loop: loop_\n\nloop_\n";
    insta::assert_snapshot!(outline(rst), @"
    1 p 1:See one, Two words, three and four. <https://acme.test/1> <https://acme.test/1> <https://acme.test/3> <https://acme.test/4>
    10 p 10:loop_
    ");
}

#[test]
fn depth_is_bounded() {
    let mut rst = String::new();
    for level in 0..200 {
        rst += &format!("{}- a\n\n", " ".repeat(level * 2));
    }
    let mut deep = 0;
    let mut blocks = parse(&Source::new(&rst)).blocks;
    while let Some(Block { kind: BlockKind::List(list), .. }) = blocks.pop() {
        deep += 1;
        blocks = list.items.into_iter().next_back().map(|item| item.blocks).unwrap_or_default();
    }
    assert_eq!(deep, MAX_DEPTH);
}
