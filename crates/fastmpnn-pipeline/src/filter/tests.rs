use super::*;
use crate::table::{Kind, Value};

/// Columns of a table, with the values of a row.
struct Table {
    cells: Vec<(&'static str, Kind, Value)>,
}

impl Columns for Table {
    fn kind_of(&self, name: &str) -> Option<Kind> {
        self.cells.iter().find(|(known, ..)| *known == name).map(|(_, kind, _)| *kind)
    }

    fn names(&self) -> Vec<String> {
        self.cells.iter().map(|(name, ..)| (*name).to_owned()).collect()
    }
}

impl Row for Table {
    fn value(&self, name: &str) -> Value {
        self.cells.iter().find(|(known, ..)| *known == name).map(|(.., value)| value.clone()).unwrap_or_default()
    }
}

fn table() -> Table {
    Table {
        cells: vec![
            ("score", Kind::Number, Value::Number(0.8)),
            ("rescored", Kind::Number, Value::Missing),
            ("charge", Kind::Integer, Value::Integer(-4)),
            ("name", Kind::Text, Value::from("5L33")),
            ("origin", Kind::Text, Value::from("a b")),
            ("android", Kind::Boolean, Value::Boolean(true)),
        ],
    }
}

fn met(text: &str) -> Option<bool> {
    Expression::condition(text, &table()).unwrap().is_met(&table()).unwrap()
}

fn refused(text: &str) -> String {
    Expression::condition(text, &table()).unwrap_err().to_string()
}

#[test]
fn conditions_are_judged() {
    for text in [
        "score < 1.0 and charge > -10",
        "score<1.0 and(charge>-10)",
        "not (score > 1) and android",
        "score > 1 or charge == -4",
        "score > 1 or score < 1 and charge < 0",
        "(score + 0.2) * 2 == 2 and charge ^ 2 == 16 and charge - 1 - 1 == -6 and charge / 2 / 2 == -1",
        "name == '5L33' and name != \"x\" and origin == 'a b' and origin < 'b'",
        "abs(charge) <= 4 and min(charge, 3) == -4 and max(score, 2.5e-1) >= .8",
        "\tandroid == true\nand not false",
        "{score} > 0.5",
    ] {
        assert_eq!(met(text), Some(true), "{text}");
    }
    for text in ["score > 1.0 and charge > -10", "not android", "score > 1 and (charge < 0 or android)", "name > 'x'"] {
        assert_eq!(met(text), Some(false), "{text}");
    }
}

#[test]
fn a_missing_value_makes_unknown_what_depends_on_it() {
    assert_eq!(met("rescored < 1"), None);
    assert_eq!(met("not (rescored < 1)"), None);
    assert_eq!(met("rescored < 1 and score < 1"), None);
    assert_eq!(met("rescored < 1 or score < 1"), Some(true), "true whatever the value");
    assert_eq!(met("rescored + 1 < 1 and score > 1"), Some(false), "false whatever the value");
    assert_eq!(met("0 / (score - 0.8) < 1"), None);
}

#[test]
fn what_is_no_condition_is_refused_before_any_row() {
    assert_eq!(refused("scor < 1"), "\"scor < 1\": there is no column scor; the nearest is score");
    assert_eq!(
        refused("score < 1 and Charge > 0"),
        "\"score < 1 and Charge > 0\": there is no column Charge; the nearest is charge"
    );
    assert_eq!(refused("name < 3"), "\"name < 3\": < compares a text with a number");
    assert_eq!(refused("1 < charge < 3"), "\"1 < charge < 3\": < compares true or false with a number");
    assert_eq!(
        refused("not score < 1"),
        "\"not score < 1\": not: a number is neither true nor false; a comparison after it is in parentheses: not (a < b)"
    );
    assert_eq!(refused("score and android"), "\"score and android\": and, or: a number is neither true nor false");
    assert_eq!(refused("name + 1 > 2"), "\"name + 1 > 2\": + is for numbers, not for a text");
    assert_eq!(refused("score"), "\"score\": its value is a number, not a condition, true or false");
    for text in
        ["score <", "", "(score < 1", "score = 1", "score 1", "score < 1; drop", "< 1", "and", "score << 1", "'a"]
    {
        assert!(refused(text).contains("is not an expression"), "{text}: {}", refused(text));
    }
    assert!(refused("score = 1").ends_with(": equality is written =="));
    assert!(refused("score 1").ends_with(": an operator or a value is missing"));
    assert!(refused(&"(".repeat(20_000)).ends_with(": it is longer than 10000 characters"));
    let key = |text: &str| Expression::key(text, &table());
    assert_eq!(key("score + abs(charge) / 4").unwrap().key_of(&table()), Ok(Some(1.8)));
    assert_eq!(key("rescored").unwrap().key_of(&table()), Ok(None));
    assert_eq!(key("name").unwrap_err().to_string(), "\"name\": its value is a text, not a number");
}

#[test]
fn a_value_of_another_kind_than_its_column_is_an_error() {
    let expression = Expression::condition("score < 1", &table()).unwrap();
    let mut row = table();
    row.cells[0].2 = Value::from("n/a");
    assert_eq!(expression.is_met(&row).unwrap_err().to_string(), "\"score < 1\": < compares a text with a number");
}

#[test]
fn clauses_are_told_apart() {
    let clauses = |text: &str| {
        let filter = Filter::parse(&[text.to_owned()], &table()).unwrap();
        filter.clauses().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(clauses("score < 1.0 and charge > -10"), ["score < 1.0", "charge > -10"]);
    assert_eq!(
        clauses("(score < 1 and android) and name == 'a and b'"),
        ["(score < 1 and android)", "name == 'a and b'"]
    );
    assert_eq!(clauses("score < 1 and android or charge > 0"), ["score < 1 and android or charge > 0"]);
    assert_eq!(clauses("and(android, score < 1)"), ["and(android, score < 1)"]);
    let conditions = ["score < 1".to_owned(), "rescored < 1 and charge > 0".to_owned()];
    let filter = Filter::parse(&conditions, &table()).unwrap();
    assert_eq!(filter.judge(&table()), Ok(Verdict::Removed { clause: 1, unknown: true }));
    let filter = Filter::parse(&["charge > 0 and rescored < 1".to_owned()], &table()).unwrap();
    assert_eq!(filter.judge(&table()), Ok(Verdict::Removed { clause: 0, unknown: false }));
    assert_eq!(Filter::default().judge(&table()), Ok(Verdict::Kept));
}

/// Whatever the words, the outcome is an expression or a refusal, never a panic.
#[test]
fn random_words_are_read_or_refused() {
    let words = [
        "score", "charge", "name", "1", "2.5", "1e3", ".", "'x'", "'", "\"", "and", "or", "not", "<", "<=", "==", "!",
        "=", "+", "-", "*", "/", "^", "(", ")", " ", ",", "{", "}", "true", "é", "\t", "%", "[", "not(", "min", "max(",
        "abs",
    ];
    let mut state = 37u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    };
    let mut read = 0;
    for _ in 0..20_000 {
        let separator = if random(2) == 0 { "" } else { " " };
        let text: Vec<&str> = (0..random(8)).map(|_| words[random(words.len())]).collect();
        if let Ok(expression) = Expression::key(&text.join(separator), &table()) {
            let _ = expression.key_of(&table());
            read += 1;
        }
        let _ = Filter::parse(&[text.join(separator)], &table());
    }
    assert!(read > 100, "{read}");
}
