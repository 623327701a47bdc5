//! Which actions most likely ask for the same thing, for the person who reviews them.
//!
//! Invariant: pure. Only actions that share a word which says something are compared, so that the time does not grow with the
//! square of their number.

use std::collections::{HashMap, HashSet};

use super::{
    item::{Item, likeness},
    words::{Vocabulary, WordId},
};
use crate::action::{Action, ActionId};

/// How alike two actions are at least that are worth a look, from 0 to 1.
const WORTH_A_LOOK: f64 = 0.5;

/// So many lookalikes of one action are told.
const MOST: usize = 3;

/// A word that more actions have than this finds nothing by itself.
const MOST_OF_ONE_WORD: usize = 100;

/// An action that likely asks for the same as another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lookalike {
    /// The action.
    pub id: ActionId,
    /// How alike they are, from 0 to 1.
    pub likeness: f64,
}

/// For each of `asked`, the actions among `others` that most likely ask for the same, the most alike first. An action is no
/// lookalike of itself, nor of what it was split from.
#[must_use]
pub fn lookalikes(asked: &[Action], others: &[Action]) -> Vec<Vec<Lookalike>> {
    let mut vocabulary = Vocabulary::default();
    let mut items = |actions: &[Action]| -> Vec<Item> {
        actions.iter().map(|action| Item::of_action(action, &mut vocabulary)).collect()
    };
    let (asked_items, other_items) = (items(asked), items(others));
    let mut having: HashMap<WordId, Vec<usize>> = HashMap::new();
    for (index, item) in other_items.iter().enumerate() {
        for (word, _) in item.bag.iter().filter(|(word, _)| vocabulary.is_telling(*word)) {
            having.entry(*word).or_default().push(index);
        }
    }
    let near = |item: &Item| -> HashSet<usize> {
        let lists = item.bag.iter().filter_map(|(word, _)| having.get(word));
        lists.filter(|list| list.len() <= MOST_OF_ONE_WORD).flatten().copied().collect()
    };
    let of_one = |(action, item): (&Action, &Item)| {
        let mut found: Vec<Lookalike> = near(item)
            .into_iter()
            .filter(|index| {
                let other = &others[*index];
                let is_kin = other.split_from == Some(action.id) || action.split_from == Some(other.id);
                other.id != action.id && !is_kin
            })
            .map(|index| {
                let other = &other_items[index];
                let [there, back] = [(other, item), (item, other)]
                    .map(|(one, two)| likeness(&one.bag, &two.bag, &vocabulary));
                Lookalike { id: others[index].id, likeness: there.max(back) }
            })
            .filter(|found| found.likeness >= WORTH_A_LOOK)
            .collect();
        found.sort_by(|one, two| two.likeness.total_cmp(&one.likeness).then(one.id.cmp(&two.id)));
        found.truncate(MOST);
        found
    };
    asked.iter().zip(&asked_items).map(of_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::tests::proposed;

    fn action(number: i64, text: &str) -> Action {
        Action { id: ActionId::new(number), title: text.to_owned(), text: text.to_owned(), ..proposed() }
    }

    #[test]
    fn the_same_wish_in_other_words_is_found_and_another_one_is_not() {
        let others = [
            action(1, "Alert before a signing key expires"),
            action(2, "Add monitoring for the payment queue"),
            action(3, "Rehearse the rollback of the checkout every month"),
        ];
        let asked = [
            action(4, "Alert two weeks before signing keys expire"),
            action(5, "Add monitoring for the search index"),
            action(3, "Rehearse the rollback of the checkout every month"),
        ];
        let found = lookalikes(&asked, &others);
        assert_eq!(found[0].iter().map(|found| found.id.number()).collect::<Vec<_>>(), [1]);
        assert_eq!((found[1].len(), found[2].len()), (0, 0), "{found:?}");
    }
}
