use super::*;
use crate::table::{Kind, Value};

struct Scores;

impl Columns for Scores {
    fn kind_of(&self, name: &str) -> Option<Kind> {
        self.names().contains(&name.to_owned()).then_some(Kind::Number)
    }

    fn names(&self) -> Vec<String> {
        ["score", "rescored", "recovery"].map(str::to_owned).to_vec()
    }
}

/// A row of a score and a rescored one.
struct Pair {
    score: Value,
    rescored: Value,
}

impl Row for Pair {
    fn value(&self, name: &str) -> Value {
        match name {
            "score" => self.score.clone(),
            "rescored" => self.rescored.clone(),
            _ => Value::Missing,
        }
    }
}

fn selection(settings: SelectionSettings) -> Selection {
    Selection::new(&settings, &Scores).unwrap()
}

fn candidates(of: &[(&str, Option<f64>)]) -> Vec<Candidate> {
    let candidate = |(sequence, key): &(&str, Option<f64>)| Candidate {
        key: *key,
        structure: 0,
        sequence: sequence.as_bytes().to_vec(),
        designed: 10,
    };
    of.iter().map(candidate).collect()
}

#[test]
fn the_best_are_kept_in_their_order() {
    let top = SelectionSettings { top: Some(2), ..SelectionSettings::default() };
    let selection_of = |settings: &SelectionSettings| selection(settings.clone());
    let some = candidates(&[("A", Some(2.0)), ("B", None), ("C", Some(1.0)), ("D", Some(1.0)), ("E", Some(3.0))]);
    let choose = |settings: &SelectionSettings| {
        let selection = selection_of(settings);
        let mut report = selection.report();
        (selection.choose(&some, &mut report), report.to_string())
    };
    let (kept, report) = choose(&top);
    assert_eq!((kept, report.as_str()), (vec![2, 3], "the best 2 by rescored or score removed 3 of 5"));
    let (kept, report) =
        choose(&SelectionSettings { descending: true, by: Some("recovery".to_owned()), ..top.clone() });
    assert_eq!((kept, report.as_str()), (vec![4, 0], "the best 2 by recovery removed 3 of 5"));
    let (kept, _) = choose(&SelectionSettings { top: Some(9), ..top });
    assert_eq!(kept, [2, 3, 0, 4, 1], "what has no key is last");
}

#[test]
fn designs_that_are_near_a_better_one_are_removed() {
    let settings = SelectionSettings { min_distance: Some(0.2), ..SelectionSettings::default() };
    let some = candidates(&[
        ("AAAAAAAAAA", Some(1.0)),
        ("AAAAAAAAAC", Some(2.0)), // one of ten differs
        ("AAAAAAAACC", Some(3.0)), // two of ten differ from the first
        ("AAAAAAAADD", Some(4.0)), // two differ from both that are kept
        ("AAAAAAAADC", Some(5.0)), // one differs from the third and from the fourth
        ("AAAAA", Some(6.0)),
    ]);
    let diverse = selection(settings.clone());
    let mut report = diverse.report();
    assert_eq!(diverse.choose(&some, &mut report), [0, 2, 3, 5]);
    assert_eq!(report.to_string(), "distance >= 0.2 removed 2 of 6");
    let mut of_two = some.clone();
    of_two[1].structure = 1;
    assert_eq!(diverse.choose(&of_two, &mut diverse.report()), [0, 1, 2, 3, 5], "another structure's is no copy");
    let diverse = selection(SelectionSettings { top: Some(2), ..settings });
    let mut report = diverse.report();
    assert_eq!(diverse.choose(&some, &mut report), [0, 2]);
    let text = report.to_string();
    assert_eq!(text, "distance >= 0.2 removed 1 of 6; the best 2 by rescored or score removed 3 of 5");
    assert_eq!(
        serde_json::to_value(&report).unwrap()[0],
        serde_json::json!({ "step": "distance >= 0.2", "of": 6, "removed": 1, "without_value": 0 })
    );
}

#[test]
fn each_condition_counts_what_the_ones_before_left() {
    let filter = vec!["score < 1 and rescored < 1".to_owned(), "score > 0".to_owned()];
    let selection = selection(SelectionSettings { filter, ..SelectionSettings::default() });
    assert!(!selection.compares());
    let mut report = selection.report();
    let number = Value::Number;
    let rows = [
        (number(0.5), number(0.5), true),
        (number(2.0), Value::Missing, false),
        (number(0.5), Value::Missing, false),
        (number(0.5), number(2.0), false),
        (number(-1.0), number(0.5), false),
    ];
    for (score, rescored, kept) in rows {
        assert_eq!(selection.passes(&Pair { score, rescored }, &mut report), Ok(kept));
    }
    let text = "score < 1 removed 1 of 5; rescored < 1 removed 2 of 4, 1 for want of a value; score > 0 removed 1 of 2";
    assert_eq!(report.to_string(), text);
    let mut all = SelectionReport::default();
    all.merge(&report);
    all.merge(&report);
    assert!(all.to_string().starts_with("score < 1 removed 2 of 10; "), "{all}");
}

#[test]
fn the_key_is_rescored_where_there_is_one() {
    let ranking = selection(SelectionSettings::default());
    let key = |rescored| ranking.ranking().key_of(&Pair { score: Value::Number(0.5), rescored }).unwrap();
    assert_eq!((key(Value::Number(0.7)), key(Value::Missing)), (Some(0.7), Some(0.5)));
}

#[test]
fn settings_that_select_nothing_are_refused() {
    let refused = |settings: SelectionSettings| {
        let checked = settings.check().and_then(|()| Selection::new(&settings, &Scores).map(|_| ()));
        checked.unwrap_err().to_string()
    };
    let default = SelectionSettings::default;
    assert_eq!(refused(SelectionSettings { top: Some(0), ..default() }), "top 0 keeps nothing: it is 1 or more");
    assert_eq!(
        refused(SelectionSettings { min_distance: Some(1.5), ..default() }),
        "min_distance is a fraction, from 0 to 1"
    );
    let by = Some("recovry".to_owned());
    assert_eq!(
        refused(SelectionSettings { by, ..default() }),
        "by \"recovry\": there is no column recovry; the nearest is recovery"
    );
    let filter = vec!["scor < 1".to_owned()];
    assert_eq!(
        refused(SelectionSettings { filter, ..default() }),
        "filter \"scor < 1\": there is no column scor; the nearest is score"
    );
}
