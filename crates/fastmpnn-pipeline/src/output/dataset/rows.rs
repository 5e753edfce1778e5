//! The rows of a dataset: one for each design.

use std::collections::BTreeMap;

use fastmpnn::write::chains_by_id;

use super::settings::DatasetRecord;
use crate::error::PipelineError;
use crate::filter::{Columns, Row};
use crate::input::ResolvedDesign;
use crate::measure::ScoreMask;
use crate::measure::properties::PropertySet;
use crate::output::{DesignResult, DesignTarget};
use crate::request::DesignRequest;
use crate::selection::{DesignRunColumns, StructureMeasures};
use crate::table::{Column, Kind, Schema, Value};

/// Makes the rows of designs.
pub(super) struct DesignRows {
    schema: Schema,
    properties: PropertySet,
    /// The columns that all rows share, and their value.
    constant: BTreeMap<&'static str, Value>,
}

impl DesignRows {
    pub(super) fn new(
        request: &DesignRequest,
        resolved: &ResolvedDesign,
        record: &DatasetRecord,
        sees_ligands: bool,
    ) -> Result<DesignRows, PipelineError> {
        let properties = request.selection.properties()?;
        let known = DesignRunColumns {
            properties: &properties,
            rescored: resolved.is_rescored(request),
            ligands: sees_ligands,
        };
        let hash = record.hash();
        let mut columns = vec![
            Column::new("name", Kind::Text),
            Column::new("input", Kind::Text),
            Column::new("sample", Kind::Integer),
            Column::new("temperature", Kind::Number),
            Column::new("seed", Kind::Integer),
            Column::new("chains", Kind::Text),
            Column::new("sequence", Kind::Text),
            Column::new("chain_scores", Kind::Text),
        ];
        for name in known.names() {
            if !columns.iter().any(|column| column.name == name) {
                let kind = known.kind_of(&name).unwrap_or(Kind::Text);
                columns.push(Column { name, kind });
            }
        }
        let constant = BTreeMap::from([
            ("checkpoint", Value::Text(record.checkpoint.name.clone())),
            ("settings", Value::Text(hash.clone())),
            ("version", Value::Text(record.version.clone())),
        ]);
        if resolved.has_goals(request) {
            columns.push(Column::new("constraint_cost", Kind::Number));
        }
        columns.push(Column::new("input_sha256", Kind::Text));
        columns.extend(constant.keys().map(|name| Column::new(*name, Kind::Text)));
        let metadata = BTreeMap::from([
            ("fastmpnn.request".to_owned(), serde_json::to_string(&record.settings).unwrap_or_default()),
            ("fastmpnn.checkpoint".to_owned(), record.checkpoint.name.clone()),
            ("fastmpnn.checkpoint_sha256".to_owned(), record.checkpoint.sha256.clone()),
            ("fastmpnn.settings".to_owned(), hash),
            ("fastmpnn.version".to_owned(), record.version.clone()),
        ]);
        Ok(DesignRows { schema: Schema { columns, metadata }, properties, constant })
    }

    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The rows of designs of a structure.
    pub(super) fn of(&self, target: &DesignTarget<'_>, designs: &[DesignResult]) -> Vec<Vec<Value>> {
        let mask = ScoreMask::new(target.structure, &target.plan.designed);
        let measures = StructureMeasures::new(target.structure, &mask, &self.properties);
        let separator = target.request.folder.chain_separator;
        designs
            .iter()
            .map(|design| {
                let values = measures.values(design);
                let of_column = |column: &Column| match column.name.as_str() {
                    "input" => Value::from(target.input.input.as_str()),
                    "seed" => Value::Integer(i64::try_from(target.request.sampling.seed).unwrap_or(i64::MAX)),
                    "chains" => Value::Text(
                        chains_by_id(target.structure, &design.design.sequence, separator)
                            .into_iter()
                            .map(|(id, _)| id)
                            .collect::<Vec<_>>()
                            .join(&separator.to_string()),
                    ),
                    "chain_scores" => Value::Text(
                        values
                            .complex()
                            .chains
                            .iter()
                            .filter_map(|chain| Some(format!("{}:{}", chain.chain, Value::rounded(Some(chain.score?)))))
                            .collect::<Vec<_>>()
                            .join(" "),
                    ),
                    "constraint_cost" => Value::rounded(design.design.constraint_cost),
                    "input_sha256" => {
                        target.identity.map_or(Value::Missing, |identity| Value::from(identity.content.as_str()))
                    }
                    name => self.constant.get(name).cloned().unwrap_or_else(|| values.value(name)),
                };
                self.schema.columns.iter().map(of_column).collect()
            })
            .collect()
    }
}
