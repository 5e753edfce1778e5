//! Random strings of the grammar's pieces: none panics, and every plan keeps its promises.

use fastmpnn::chemistry::Letter;
use fastmpnn::spec::{DesignPlan, DesignSpec, parse_selection};
use fastmpnn::structure::Structure;

use super::wishes::{choices, dimer, motley};

/// xorshift: the same strings on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn text(&mut self, pieces: &[&str]) -> String {
        let length = self.below(12);
        (0..length).map(|_| pieces[self.below(pieces.len())]).collect()
    }

    /// Selections that mostly exist, joined with the separators of settings.
    fn plausible(&mut self) -> String {
        const ITEMS: [&str; 12] =
            ["A", "B", "A1", "A2-4", "(B2-4)", "A5*2", "B7*-1", "not A9-12", "B9-12", "*", "A0-3", "B20"];
        const GLUE: [&str; 8] = ["=", "=", ",", " ", ":CM,", ":W=1", ":X", "-"];
        let mut text = ITEMS[self.below(ITEMS.len())].to_owned();
        for _ in 0..self.below(4) {
            text.push_str(GLUE[self.below(GLUE.len())]);
            text.push_str(ITEMS[self.below(ITEMS.len())]);
        }
        text
    }
}

#[test]
fn no_string_panics() {
    let pieces = [
        "A",
        "H",
        "L",
        "B",
        "a",
        "1",
        "2",
        "9",
        "100",
        "100A",
        "112B",
        "-",
        "-",
        "-5",
        ":",
        ":",
        "=",
        "=",
        "*",
        "*0.5",
        "*-1",
        ",",
        " ",
        "all",
        "A1-2",
        "H99-101",
        "a1",
        "AA",
        "C",
        "W=2",
        "X",
        ".",
        "1e9",
        "NaN",
        "é",
        "–",
        "\u{0}",
        "99999999999",
        "-2147483648",
        "2147483647",
        "_",
        "\n",
        "\u{202e}",
        "not ",
        " and ",
        "within 8 of ",
        "interface A B",
        "ligand",
        "(",
        ")",
        "@",
    ];
    let mut structure = motley();
    structure.residues[3].atoms.clear();
    let mut same = dimer();
    same.residues[2].atoms.clear();
    let empty = Structure::default();
    let mut random = Random(2022);
    let (mut selections, mut plans) = (0, 0);
    for round in 0..20_000 {
        let mut texts = || match random.below(8) {
            0 => vec![random.text(&pieces)],
            1 => vec![random.plausible(), random.plausible()],
            2 | 3 => vec![random.plausible()],
            _ => Vec::new(),
        };
        let mut spec = DesignSpec {
            fix: texts(),
            redesign: texts(),
            tie: texts(),
            homo_oligomer: round % 5 == 0,
            ..DesignSpec::default()
        };
        if round % 2 == 0 {
            spec.omit_at = texts();
            spec.bias = texts();
            spec.bias_at = texts();
            spec.chains = texts().pop();
            spec.omit = texts().pop().unwrap_or_default();
        }
        for structure in [&structure, &same, &empty] {
            for text in spec.fix.iter().chain(&spec.tie).chain(&spec.omit_at) {
                if let Ok(indexes) = parse_selection(text, structure) {
                    assert!(indexes.is_sorted_by(|a, b| a < b));
                    assert!(indexes.iter().all(|&index| index < structure.residues.len()));
                    selections += 1;
                }
            }
            match spec.resolve(structure) {
                Ok(plan) => {
                    check(&plan, structure);
                    plans += usize::from(!plan.ties.is_empty());
                }
                Err(error) => assert!(!error.to_string().contains(['\n', '\u{0}'])),
            }
        }
    }
    assert!(selections > 1000 && plans > 100, "too wild to test anything: {selections} {plans}");
}

/// Checks that hold for every plan.
fn check(plan: &DesignPlan, structure: &Structure) {
    let count = structure.residues.len();
    assert_eq!((plan.designed.len(), plan.bias.len(), plan.omitted.len()), (count, count, count));
    assert!(plan.designed.contains(&true));
    for (index, residue) in structure.residues.iter().enumerate() {
        assert!(!plan.designed[index] || residue.backbone().is_some());
        assert!(!plan.designed[index] || !choices(plan, index).is_empty());
        assert!(!plan.allows(index, Letter::X));
        assert!(plan.bias[index].iter().all(|bias| bias.is_finite()));
    }
    let mut tied = vec![false; count];
    for group in &plan.ties {
        assert!(group.members.len() >= 2 && group.members.len() == group.weights.len());
        for &member in &group.members {
            assert!(plan.designed[member] && !std::mem::replace(&mut tied[member], true));
            assert_eq!(plan.omitted[member], plan.omitted[group.members[0]]);
            assert_eq!(plan.bias[member], plan.bias[group.members[0]]);
        }
    }
    let summary = plan.summary(structure);
    assert!(summary.starts_with("designs ") && !summary.contains('\n'));
}
