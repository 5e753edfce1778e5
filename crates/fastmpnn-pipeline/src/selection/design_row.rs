//! A design as a row of named values, for conditions and keys.

use fastmpnn::structure::Structure;
use fastmpnn::write::LigandMeasures;

use crate::filter::{Columns, Row};
use crate::measure::properties::{ChainSequence, PropertyColumn, PropertySet};
use crate::measure::{ComplexGeometry, ComplexMeasures, ScoreMask};
use crate::output::DesignResult;
use crate::table::{Column, Kind, Value};

/// The columns that designs have, before any structure is read: those of a chain are `score_A` and `sequence_A`, whatever the
/// chain.
#[derive(Clone, Debug)]
pub struct DesignRunColumns<'a> {
    /// The properties of sequences.
    pub properties: &'a PropertySet,
    /// Whether designs are scored again in random orders.
    pub rescored: bool,
    /// Whether the network sees ligands.
    pub ligands: bool,
}

/// The columns of a design that are not of its sequence alone, with what they are.
const OF_DESIGN: [(&str, Kind); 8] = [
    ("name", Kind::Text),
    ("sample", Kind::Integer),
    ("temperature", Kind::Number),
    ("score", Kind::Number),
    ("global_score", Kind::Number),
    ("recovery", Kind::Number),
    ("sequence", Kind::Text),
    ("rescored", Kind::Number),
];

/// The columns of measures near ligands.
const OF_LIGANDS: [(&str, Kind); 3] =
    [("overall_confidence", Kind::Number), ("ligand_confidence", Kind::Number), ("ligand_recovery", Kind::Number)];

/// The columns of measures that need the backbone, in the order of [`DesignValues::measures`], with what they are.
fn of_complex() -> [PropertyColumn; 4] {
    let column = |name: &str, kind, description: &str| PropertyColumn {
        column: Column::new(name, kind),
        description: description.to_owned(),
    };
    [
        column("interface_score", Kind::Number, "mean −ln p over the designed residues in interfaces, nats"),
        column("interface_residues", Kind::Integer, "number of designed residues in interfaces"),
        column("designed_residues", Kind::Integer, "number of designed residues"),
        column(
            "free_cysteines",
            Kind::Integer,
            "number of cysteines that cannot form a disulfide bond on the backbone",
        ),
    ]
}

/// The columns of what designs are measured with beyond their scores: on the backbone, and as sequences. Their values are
/// [`DesignValues::measures`].
pub fn measure_columns(properties: &PropertySet) -> Vec<PropertyColumn> {
    of_complex().into_iter().chain(properties.columns()).collect()
}

impl DesignRunColumns<'_> {
    fn all(&self) -> Vec<Column> {
        let of_design = if self.rescored { &OF_DESIGN[..] } else { &OF_DESIGN[..OF_DESIGN.len() - 1] };
        let of_ligands = if self.ligands { &OF_LIGANDS[..] } else { &[] };
        let fixed = [of_design, of_ligands].concat();
        let mut all: Vec<Column> = fixed.into_iter().map(|(name, kind)| Column::new(name, kind)).collect();
        all.extend(measure_columns(self.properties).into_iter().map(|column| column.column));
        all
    }
}

impl Columns for DesignRunColumns<'_> {
    fn kind_of(&self, name: &str) -> Option<Kind> {
        let known = self.all().into_iter().find(|known| known.name == name).map(|known| known.kind);
        known.or_else(|| {
            let of_chain = |prefix: &str| name.strip_prefix(prefix).is_some_and(|chain| !chain.is_empty());
            match () {
                () if of_chain("score_") => Some(Kind::Number),
                () if of_chain("sequence_") => Some(Kind::Text),
                () => None,
            }
        })
    }

    fn names(&self) -> Vec<String> {
        self.all().into_iter().map(|column| column.name).collect()
    }
}

/// What designs of a structure are measured with beyond their scores.
#[derive(Clone, Debug)]
pub struct StructureMeasures<'a> {
    structure: &'a Structure,
    geometry: ComplexGeometry,
    mask: &'a ScoreMask,
    properties: &'a PropertySet,
    /// The names of [`measure_columns`].
    names: Vec<String>,
}

impl<'a> StructureMeasures<'a> {
    /// The measures of designs of a structure.
    pub fn new(structure: &'a Structure, mask: &'a ScoreMask, properties: &'a PropertySet) -> StructureMeasures<'a> {
        let names = measure_columns(properties).into_iter().map(|column| column.column.name).collect();
        StructureMeasures { structure, geometry: ComplexGeometry::of(structure), mask, properties, names }
    }

    /// A design as a row.
    pub fn values<'r>(&'r self, result: &'r DesignResult) -> DesignValues<'r> {
        let design = &result.design;
        let chains = ChainSequence::of_structure(self.structure, &design.sequence);
        let complex = self.geometry.measure(self.mask, &design.sequence, &design.negative_log_likelihood);
        let integer = |count: usize| Value::Integer(count as i64);
        let mut measures = vec![
            Value::rounded(complex.interface_score),
            integer(complex.interface_residues),
            integer(complex.designed_residues),
            integer(complex.free_cysteines),
        ];
        measures.extend(self.properties.values(&self.properties.of(&chains)));
        DesignValues { name: &self.structure.name, result, complex, chains, names: &self.names, measures }
    }
}

/// A design as a row.
#[derive(Clone, Debug)]
pub struct DesignValues<'a> {
    name: &'a str,
    result: &'a DesignResult,
    complex: ComplexMeasures,
    chains: Vec<ChainSequence>,
    names: &'a [String],
    measures: Vec<Value>,
}

impl DesignValues<'_> {
    /// The measures of its chains.
    pub fn complex(&self) -> &ComplexMeasures {
        &self.complex
    }

    /// The values of [`measure_columns`].
    pub fn measures(&self) -> &[Value] {
        &self.measures
    }

    fn of_chain(&self, name: &str) -> Option<Value> {
        if let Some(id) = name.strip_prefix("score_") {
            let chain = self.complex.chains.iter().find(|chain| chain.chain == id)?;
            return Some(Value::rounded(chain.score));
        }
        let id = name.strip_prefix("sequence_")?;
        self.chains.iter().find(|chain| chain.id == id).map(|chain| Value::Text(chain.letters.clone()))
    }
}

impl Row for DesignValues<'_> {
    fn value(&self, name: &str) -> Value {
        let DesignResult { design, measures, rescored } = self.result;
        let ligand = |of: fn(&LigandMeasures) -> Option<f64>| Value::rounded(measures.ligand.as_ref().and_then(of));
        match name {
            "name" => Value::from(self.name),
            "sample" => Value::Integer(design.sample as i64 + 1),
            // The 0.1 that was asked for, not the nearest number of single precision.
            "temperature" => design.temperature.to_string().parse().map_or(Value::Missing, Value::Number),
            "score" => Value::rounded(measures.score),
            "rescored" => Value::rounded(*rescored),
            "global_score" => Value::rounded(measures.global_score),
            "recovery" => Value::rounded(measures.recovery),
            "overall_confidence" => ligand(|ligand| ligand.overall_confidence),
            "ligand_confidence" => ligand(|ligand| ligand.ligand_confidence),
            "ligand_recovery" => ligand(|ligand| ligand.ligand_recovery),
            "sequence" => {
                let chains: Vec<&str> = self.chains.iter().map(|chain| chain.letters.as_str()).collect();
                Value::Text(chains.join("/"))
            }
            _ => {
                let measure = self.names.iter().position(|known| known == name);
                let value = measure.map(|index| self.measures[index].clone());
                value.or_else(|| self.of_chain(name)).unwrap_or_default()
            }
        }
    }
}
