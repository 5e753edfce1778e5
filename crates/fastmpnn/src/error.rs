//! One error type a stage. Every message is a sentence that says where the trouble is.

use thiserror::Error;

/// A structure could not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StructureError {
    /// The file or stream could not be opened or read.
    #[error("{path}: cannot be read: {source}")]
    Unreadable {
        /// The path as given, or `standard input`.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The content is of a kind that is not read.
    #[error("{file}: {reason}")]
    UnsupportedFormat {
        /// The file.
        file: String,
        /// What it seems to be and what to do.
        reason: String,
    },
    /// Nothing in the file is an atom.
    #[error("{file}: holds no atoms: {reason}")]
    NoAtoms {
        /// The file.
        file: String,
        /// What was looked for.
        reason: String,
    },
    /// A line or a value breaks the rules of the format.
    #[error("{file}: line {line}: {reason}")]
    Malformed {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// An atom whose residue is known cannot be used.
    #[error("{file}: line {line}: chain {chain}, residue {residue}: {reason}")]
    BadAtom {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The author's chain id.
        chain: String,
        /// Residue name, number and insertion code.
        residue: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An mmCIF file lacks a column that cannot be done without.
    #[error("{file}: line {line}: the _atom_site loop has no column {column}")]
    MissingColumn {
        /// The file.
        file: String,
        /// The line on which the loop begins, from 1.
        line: usize,
        /// The column, or the columns any of which would do.
        column: String,
    },
    /// A residue that is to be read as a ligand is not there.
    #[error("{file}: {reason}")]
    MissingLigand {
        /// The file.
        file: String,
        /// Which one, and what there is.
        reason: String,
    },
    /// The biological assembly asked for cannot be made.
    #[error("{file}: {reason}")]
    NoAssembly {
        /// The file.
        file: String,
        /// What there is.
        reason: String,
    },
    /// The model asked for is not there.
    #[error("{file}: has no model {asked}; its models are {present}")]
    MissingModel {
        /// The file.
        file: String,
        /// The number asked for.
        asked: i32,
        /// The numbers there are.
        present: String,
    },
}

/// A design specification does not fit its structure, or cannot be parsed. `field` is the field of the specification
/// that the text came from (`fix`), or `selection` or `residue` where there is none. A sentence has it between backquotes.
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
        /// The id asked for.
        chain: String,
        /// The structure's name.
        structure: String,
        /// The chains there are, and how the id was probably meant.
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
        /// What is there: `chain A runs 1–106; nearest are A105, A106`.
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
    /// Everything is selected of a structure without residues.
    #[error("{} {item}: {structure} has no protein residues to select", in_sentence(field))]
    EmptySelection {
        /// The field.
        field: &'static str,
        /// The text as written, quoted.
        item: String,
        /// The structure's name.
        structure: String,
    },
    /// A one-letter code that stands for no amino acid.
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
        /// By which options.
        how: String,
    },
    /// Tied residues whose weights are all 0.
    #[error("the tied residues {residues} all have weight 0, so nothing would choose their letter")]
    WeightlessTie {
        /// The residues.
        residues: String,
    },
    /// States that are not of one protein.
    #[error("the states of a protein have the same residues, by chain and number: {how}")]
    OtherResidues {
        /// Which residues are in one and not in another.
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
    /// No residue is left to design.
    #[error("nothing is left to design in {structure}: of its {count} residues, {reason}")]
    NothingDesigned {
        /// The structure's name.
        structure: String,
        /// How many residues it has.
        count: usize,
        /// How many are fixed, and how many lack a backbone.
        reason: String,
    },
    /// What is to be designed is in chains that are not.
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
    /// Copies are asked for among chains that are not copies of each other.
    #[error("`homo_oligomer`: no two designed chains of {structure} have the same sequence: {reason}")]
    NoCopies {
        /// The structure's name.
        structure: String,
        /// The nearest pair, or that there is one chain only.
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
    /// A table of more or fewer rows than residues.
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
    /// A value of a table that is none.
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

/// A field between backquotes; what stands in for one, where a selection comes from elsewhere, as it is.
pub(crate) fn in_sentence(field: &str) -> String {
    if matches!(field, "selection" | "residue") { field.to_owned() } else { format!("`{field}`") }
}

/// A checkpoint could not be loaded.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WeightsError {
    /// The file could not be opened or read.
    #[error("{name}: cannot be read: {source}")]
    Unreadable {
        /// The path.
        name: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is no checkpoint, or a damaged one.
    #[error("{name}: not a checkpoint, or a damaged one: {reason}")]
    Damaged {
        /// The checkpoint's name or path.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A published checkpoint is not on this machine.
    #[error("checkpoint {name} is not in {folder}")]
    Absent {
        /// Its published name.
        name: String,
        /// Where it was looked for.
        folder: String,
    },
    /// The file of a published checkpoint is not what was published.
    #[error("{path}: checkpoint {name} is damaged: {reason}")]
    Changed {
        /// Its published name.
        name: String,
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A checkpoint could not be written.
    #[error("{path}: cannot be written: {source}")]
    Unwritable {
        /// The path.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// No published checkpoint has that name.
    #[error("no published checkpoint is called {name}")]
    Unknown {
        /// The name as given, escaped where it does not print.
        name: String,
    },
    /// A tensor that the network needs is not there.
    #[error("checkpoint {name}: tensor {tensor} is missing")]
    MissingTensor {
        /// The checkpoint's name or path.
        name: String,
        /// The tensor's published name.
        tensor: String,
    },
    /// A tensor has another shape than the rest of the checkpoint asks for.
    #[error("checkpoint {name}: tensor {tensor} has shape {found:?}, not {expected:?}")]
    WrongShape {
        /// The checkpoint's name or path.
        name: String,
        /// The tensor's published name.
        tensor: String,
        /// Its shape in the file.
        found: Vec<usize>,
        /// The shape it needs to have.
        expected: Vec<usize>,
    },
    /// The checkpoint is of a kind that this program does not run.
    #[error("checkpoint {name}: {reason}")]
    Unsupported {
        /// The checkpoint's name or path.
        name: String,
        /// What it is.
        reason: String,
    },
}

/// A [`DesignPlan`](crate::spec::DesignPlan) that is not one: those that
/// [`DesignSpec::resolve`](crate::spec::DesignSpec::resolve) makes are. Residues are named as selections name them.
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
    /// A tied group of a residue that there is not.
    #[error("tied group {group} names residue {index} of {residues}, counted from 0")]
    TiedResidue {
        /// The group, counted from 0.
        group: usize,
        /// The residue's index.
        index: usize,
        /// N.
        residues: usize,
    },
    /// A tied group with more or fewer weights than members.
    #[error("tied group {group} has {found} weights for {expected} members")]
    TieWeights {
        /// The group, counted from 0.
        group: usize,
        /// How many weights.
        found: usize,
        /// How many members.
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
    /// A residue's own temperature that is none.
    #[error("the temperature of residue {residue} is {temperature}, not a finite number of 0 or more")]
    Temperature {
        /// The residue.
        residue: String,
        /// Its temperature.
        temperature: f32,
    },
    /// A pair bias of a residue that there is not.
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
    /// X, which stands for no amino acid, may be drawn.
    #[error("the letter X is not omitted at residue {residue}")]
    UnknownLetter {
        /// The residue.
        residue: String,
    },
    /// A residue is designed that the network does not see.
    #[error("residue {residue} is designed, and has no {needed}")]
    NoBackbone {
        /// The residue.
        residue: String,
        /// What it lacks.
        needed: &'static str,
    },
}

/// Why a hook failed, in its own words.
pub type HookFailure = Box<dyn std::error::Error + Send + Sync>;

/// A request that the engine cannot carry out.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The instruction set asked for cannot be had.
    #[error("{0}")]
    Isa(#[from] fastmpnn_kernels::IsaError),
    /// The checkpoint cannot be used.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The worker threads could not be started.
    #[error("the worker threads could not be started: {0}")]
    Threads(String),
    /// The structure has nothing to encode.
    #[error("{structure}: no protein residue has a {needed}")]
    NoResidues {
        /// The structure's name.
        structure: String,
        /// What a residue must have.
        needed: &'static str,
    },
    /// An atom lies nowhere.
    #[error("{structure}: an atom of residue {residue} has coordinates that are not finite")]
    Position {
        /// The structure's name.
        structure: String,
        /// Its residue.
        residue: String,
    },
    /// A chain of residues that there are not.
    #[error("{structure}: chain {chain} holds residues that the structure does not have")]
    Chain {
        /// The structure's name.
        structure: String,
        /// The chain's id.
        chain: String,
    },
    /// A sequence does not fit the structure.
    #[error("{structure}: the sequence has {found} residues, the structure {expected}")]
    SequenceLength {
        /// The structure's name.
        structure: String,
        /// The sequence's length.
        found: usize,
        /// N.
        expected: usize,
    },
    /// A decoding order is not a permutation of the residues.
    #[error("{structure}: a decoding order must name each of the {expected} residues once")]
    Order {
        /// The structure's name.
        structure: String,
        /// N.
        expected: usize,
    },
    /// A table by residue has the wrong length.
    #[error("{structure}: `{table}` has {found} entries, the structure {expected} residues")]
    TableLength {
        /// The structure's name.
        structure: String,
        /// The table's field.
        table: &'static str,
        /// Its length.
        found: usize,
        /// N.
        expected: usize,
    },
    /// Surroundings for more or fewer states than there are.
    #[error("{structure}: there are {expected} states, and the plan has the surroundings of {found}")]
    StateCount {
        /// The name of the protein.
        structure: String,
        /// The states of the plan.
        found: usize,
        /// The states that there are.
        expected: usize,
    },
    /// A plan that cannot be designed by.
    #[error("{structure}: {reason}")]
    Plan {
        /// The structure's name.
        structure: String,
        /// What is wrong with it.
        #[source]
        reason: PlanError,
    },
    /// An encoding of another structure.
    #[error("{structure}: the encoding was made of another structure")]
    OtherStructure {
        /// The structure's name.
        structure: String,
    },
    /// An encoding that was made with another network, precision or number of neighbors.
    #[error("the encoding was made with another network: {found}; this is {expected}")]
    OtherNetwork {
        /// What it was made with.
        found: String,
        /// The engine's own.
        expected: String,
    },
    /// An observer stopped the work.
    #[error("the work was cancelled")]
    Cancelled,
    /// A hook failed.
    #[error("a hook of the logits failed: {0}")]
    Hook(#[source] HookFailure),
    /// A hook left logits that nothing can be drawn from.
    #[error("a hook left no usable logits for residue {residue}, counted from 0, of sample {sample}")]
    HookLogits {
        /// The sample's number.
        sample: u64,
        /// The residue's index; of a tied group that of its first member.
        residue: usize,
    },
    /// Angles are to be drawn of which nothing has been predicted.
    #[error("no distribution of the torsions has been predicted for the atoms as they are")]
    NotPredicted,
    /// A setting is outside its range.
    #[error("{setting} is {value}; allowed is {allowed}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// Its value.
        value: String,
        /// The values it may have.
        allowed: String,
    },
    /// Bytes that are no encoding, or one of another network.
    #[error("not a saved encoding that fits: {0}")]
    SavedEncoding(String),
    /// No precision goes by that name.
    #[error("no precision is called {0:?}; there are f32, bf16, f16 and q16")]
    Precision(String),
}
