//! What is to be designed, against a structure.

use thiserror::Error;

/// A design specification does not fit its structure, or cannot be parsed. `field` is the field of the specification
/// that the text came from (`fix`), or `selection` or `residue` where there is none. Messages put it between
/// backquotes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SpecError {
    /// A chain id that the structure does not have.
    #[error("{} {item}: no chain {chain} in {structure}; its chains are {available}", in_sentence(field))]
    UnknownChain {
        /// The field.
        field: &'static str,
        /// The item as written, quoted.
        item: String,
        /// The requested id.
        chain: String,
        /// The structure's name.
        structure: String,
        /// The chains of the structure, and the probable meaning of the id.
        available: String,
    },
    /// A residue or range that the chain does not have.
    #[error("{} {item}: no residue {residue} in {structure}: {there}", in_sentence(field))]
    UnknownResidue {
        /// The field.
        field: &'static str,
        /// The item as written, quoted.
        item: String,
        /// The residue or range in the usual form.
        residue: String,
        /// The structure's name.
        structure: String,
        /// What the structure has instead: `chain A runs 1–106; nearest are A105, A106`.
        there: String,
    },
    /// Text outside the grammar.
    #[error("{} {item}: {reason}", in_sentence(field))]
    Malformed {
        /// The field.
        field: &'static str,
        /// The item as written, quoted.
        item: String,
        /// What is wrong, and what is expected.
        reason: String,
    },
    /// A selection of all residues in a structure without residues.
    #[error("{} {item}: {structure} has no protein residues to select", in_sentence(field))]
    EmptySelection {
        /// The field.
        field: &'static str,
        /// The text as written, quoted.
        item: String,
        /// The structure's name.
        structure: String,
    },
    /// A letter that is not a one-letter code of an amino acid.
    #[error("{} {item}: `{letter}` is not a letter of an amino acid (ACDEFGHIKLMNPQRSTVWY)", in_sentence(field))]
    UnknownLetter {
        /// The field.
        field: &'static str,
        /// The item as written, quoted.
        item: String,
        /// The character, escaped where it does not print.
        letter: String,
    },
    /// The sides of a tie select different numbers of residues.
    #[error("`tie` {item}: the tied selections must be equally long, but {lengths}")]
    UnequalTie {
        /// The tie as written, quoted.
        item: String,
        /// Each selection with its count (`A1-20 has 20 residues, B1-19 has 19`).
        lengths: String,
    },
    /// A residue in two tied groups, or twice in one.
    #[error("residue {residue} is tied twice: {how}")]
    TiedTwice {
        /// The residue.
        residue: String,
        /// The options that tie it.
        how: String,
    },
    /// Tied residues whose weights are all 0.
    #[error("the tied residues {residues} all have weight 0, so no logits determine their letter")]
    WeightlessTie {
        /// The residues.
        residues: String,
    },
    /// States that do not have the same residues.
    #[error("the states of a protein have the same residues, by chain and number: {how}")]
    OtherResidues {
        /// The residues that are in one state but not in another.
        how: String,
    },
    /// Weights that do not fit the states.
    #[error("`state_weights`: {reason}")]
    StateWeights {
        /// What is wrong.
        reason: String,
    },
    /// No structure at all.
    #[error("a protein has at least one state")]
    NoStates,
    /// Membrane labels of a whole protein and of residues at once.
    #[error(
        "`membrane_global` labels the whole protein, `membrane_buried` and `membrane_interface` its residues: give one"
    )]
    TwoKindsOfLabels,
    /// Residues with two membrane labels.
    #[error("{residues} is in both `membrane_buried` and `membrane_interface`; a residue has one label")]
    BuriedAndInterface {
        /// The residues.
        residues: String,
    },
    /// A file of membrane labels that cannot be used.
    #[error("{file}: {reason}")]
    MembraneLabels {
        /// The file.
        file: String,
        /// Where in it, and what is wrong there.
        reason: String,
    },
    /// Every amino acid is omitted at a designed residue.
    #[error(
        "all 20 amino acids are omitted at residue {residue} of {structure}; leave at least one, or fix the residue"
    )]
    AllOmitted {
        /// The residue.
        residue: String,
        /// The structure's name.
        structure: String,
    },
    /// A goal of whole sequences that none meets.
    #[error("{} {item} cannot be met in {structure}: {reason}", in_sentence(field))]
    Unsatisfiable {
        /// The field.
        field: &'static str,
        /// The goal as written, quoted.
        item: String,
        /// The structure's name.
        structure: String,
        /// What stands against it.
        reason: String,
    },
    /// Goals of whole sequences that none is known to meet together.
    #[error("{goals} cannot all be met in {structure}: {reason}")]
    UnsatisfiableTogether {
        /// The structure's name.
        structure: String,
        /// The goals, quoted.
        goals: String,
        /// What stands against them.
        reason: String,
    },
    /// No residue is left to design.
    #[error("nothing is left to design in {structure}: of its {count} residues, {reason}")]
    NothingDesigned {
        /// The structure's name.
        structure: String,
        /// How many residues it has.
        count: usize,
        /// The numbers of residues that are fixed and that lack a backbone.
        reason: String,
    },
    /// The residues to redesign are in chains that are not designed.
    #[error(
        "nothing is left to design in {structure}: `redesign` names {residues}, and `chains` {chains} leaves {named} fixed; name \
         the same chains in both, or give one of the two"
    )]
    OtherChains {
        /// The structure's name.
        structure: String,
        /// The residues to redesign.
        residues: String,
        /// The chains that are designed, quoted.
        chains: String,
        /// The chains of the residues (`chain B`).
        named: String,
    },
    /// No two designed chains are copies of each other.
    #[error("`homo_oligomer`: no two designed chains of {structure} have the same sequence: {reason}")]
    NoCopies {
        /// The structure's name.
        structure: String,
        /// The most similar pair of chains, or that there is only one chain.
        reason: String,
    },
    /// A residue, given as a value, that the structure does not have.
    #[error("`{field}`: {structure} has no residue {residue}")]
    NoSuchResidue {
        /// The field.
        field: &'static str,
        /// Its name, or `of index 9999`.
        residue: String,
        /// The structure's name.
        structure: String,
    },
    /// A decoding order that names a residue twice, and so leaves another one out.
    #[error("`order`: {structure}'s residue {residue} is there twice; an order names every residue once")]
    RepeatedInOrder {
        /// The residue.
        residue: String,
        /// The structure's name.
        structure: String,
    },
    /// A table whose number of rows is not the number of residues.
    #[error("`{field}`: the table has {found} rows, and {structure} has {expected} residues")]
    RowCount {
        /// The field.
        field: &'static str,
        /// Its rows.
        found: usize,
        /// N.
        expected: usize,
        /// The structure's name.
        structure: String,
    },
    /// A table value that is not finite or below its minimum.
    #[error("`{field}`: a value of residue {residue} is not finite, or less than it may be")]
    NotFinite {
        /// The field.
        field: &'static str,
        /// The residue.
        residue: String,
    },
    /// Tied residues with different rows in a table.
    #[error("`{field}`: the tied residues {first} and {second} have different rows")]
    TiedUnlike {
        /// The field.
        field: &'static str,
        /// One residue.
        first: String,
        /// The other.
        second: String,
    },
    /// A decoding order of an unknown name.
    #[error("no decoding order `{text}`; the orders are {available}")]
    UnknownOrder {
        /// The text as written, escaped where it does not print.
        text: String,
        /// The names there are.
        available: String,
    },
}

/// A field between backquotes; `selection` and `residue`, which are not fields, without them.
pub(crate) fn in_sentence(field: &str) -> String {
    if matches!(field, "selection" | "residue") { field.to_owned() } else { format!("`{field}`") }
}
