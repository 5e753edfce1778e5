//! Plans that callers make themselves.

use thiserror::Error;

/// An inconsistent [`DesignPlan`](crate::spec::DesignPlan). Plans from
/// [`DesignSpec::resolve`](crate::spec::DesignSpec::resolve) are always consistent. Residues are named as in
/// selections.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A table by residue has the wrong length.
    #[error("the plan's table `{table}` has {found} rows, the structure {expected} residues")]
    TableLength {
        /// The field.
        table: &'static str,
        /// Its length.
        found: usize,
        /// N.
        expected: usize,
    },
    /// A tied group without members.
    #[error("tied group {group} has no members")]
    EmptyTie {
        /// The group, counted from 0.
        group: usize,
    },
    /// A tied group names a residue that does not exist.
    #[error("tied group {group} names residue {index} of {residues}, counted from 0")]
    TiedResidue {
        /// The group, counted from 0.
        group: usize,
        /// The residue's index.
        index: usize,
        /// N.
        residues: usize,
    },
    /// A tied group whose number of weights is not its number of members.
    #[error("tied group {group} has {found} weights for {expected} members")]
    TieWeights {
        /// The group, counted from 0.
        group: usize,
        /// The number of weights.
        found: usize,
        /// The number of members.
        expected: usize,
    },
    /// A weight that is not a number.
    #[error("the weight of the tied residue {residue} is {weight}, not a finite number")]
    TieWeight {
        /// The residue.
        residue: String,
        /// The weight.
        weight: f32,
    },
    /// A residue in two tied groups, or twice in one.
    #[error("residue {residue} is tied twice")]
    TiedTwice {
        /// The residue.
        residue: String,
    },
    /// A tied residue that is not designed.
    #[error("residue {residue} is tied, and not designed")]
    TiedFixed {
        /// The residue.
        residue: String,
    },
    /// Members of a tied group with different biases or omitted letters.
    #[error("residues {first} and {second} are tied, and differ in `{table}`")]
    TiedUnlike {
        /// The group's first member.
        first: String,
        /// The one that differs.
        second: String,
        /// The field in which they differ.
        table: &'static str,
    },
    /// A bias that is not a number.
    #[error("the bias of letter {letter} at residue {residue} is {value}, not a finite number of nats")]
    Bias {
        /// The residue.
        residue: String,
        /// The letter.
        letter: char,
        /// The value.
        value: f32,
    },
    /// All amino acids are omitted at a designed residue.
    #[error("all 20 amino acids are omitted at residue {residue}")]
    AllOmitted {
        /// The residue.
        residue: String,
    },
    /// A residue's temperature that is negative or not finite.
    #[error("the temperature of residue {residue} is {temperature}, not a finite number of 0 or more")]
    Temperature {
        /// The residue.
        residue: String,
        /// Its temperature.
        temperature: f32,
    },
    /// A pair bias names a residue that does not exist.
    #[error("pair bias {pair} names residue {index} of {residues}, counted from 0")]
    PairResidue {
        /// The pair, counted from 0.
        pair: usize,
        /// The residue's index.
        index: usize,
        /// N.
        residues: usize,
    },
    /// A pair bias of a residue with itself.
    #[error("a pair bias pairs residue {residue} with itself")]
    PairOfOne {
        /// The residue.
        residue: String,
    },
    /// A pair bias that is not a number.
    #[error("a pair bias of residues {first} and {second} is {value}, not a finite number of nats")]
    PairBias {
        /// The first residue.
        first: String,
        /// The second residue.
        second: String,
        /// The value.
        value: f32,
    },
    /// A number of a PSSM outside its range.
    #[error("a value of `{field}` is {value}; allowed is {allowed}")]
    Pssm {
        /// The field.
        field: &'static str,
        /// The value.
        value: f32,
        /// The values it may have.
        allowed: &'static str,
    },
    /// Goals of whole sequences that none is known to meet: [`DesignSpec::resolve`](crate::spec::DesignSpec::resolve) says
    /// why.
    #[error("no sequence is known that meets all of the plan's goals: {goals}")]
    Goals {
        /// The goals.
        goals: String,
    },
    /// Goals that name a residue that does not exist.
    #[error("a goal of the plan names residue {index} of {residues}, counted from 0")]
    GoalResidue {
        /// The residue's index.
        index: usize,
        /// N.
        residues: usize,
    },
    /// X, which stands for no amino acid, may be drawn.
    #[error("the letter X is not omitted at residue {residue}")]
    UnknownLetter {
        /// The residue.
        residue: String,
    },
    /// A designed residue lacks the atoms that the network needs.
    #[error("residue {residue} is designed, and has no {needed}")]
    NoBackbone {
        /// The residue.
        residue: String,
        /// What it lacks.
        needed: &'static str,
    },
}
