//! Many short texts in few allocations: the names of a hundred thousand files.

/// A new piece of memory has room for this much, bytes.
const CHUNK: usize = 1 << 16;

/// Texts that are kept until the end.
#[derive(Debug, Default)]
pub(super) struct TextStore {
    /// Each is filled up to its capacity, so that none moves.
    chunks: Vec<String>,
}

/// Where a text is in a [`TextStore`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    chunk: u32,
    begin: u32,
    length: u32,
}

impl TextStore {
    /// Keeps a text, of less than 4 GiB.
    pub(super) fn add(&mut self, text: &str) -> Span {
        let fits = |chunk: &String| chunk.capacity() - chunk.len() >= text.len();
        if !self.chunks.last().is_some_and(fits) {
            self.chunks.push(String::with_capacity(text.len().max(CHUNK)));
        }
        let chunk = self.chunks.len() - 1;
        let begin = self.chunks[chunk].len();
        self.chunks[chunk].push_str(text);
        Span { chunk: chunk as u32, begin: begin as u32, length: text.len() as u32 }
    }

    /// A text that was kept.
    pub(super) fn get(&self, span: Span) -> &str {
        let begin = span.begin as usize;
        self.chunks.get(span.chunk as usize).map_or("", |chunk| &chunk[begin..begin + span.length as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back() {
        let mut store = TextStore::default();
        let long = "é".repeat(CHUNK);
        let texts: Vec<String> =
            (0..5000).map(|number| format!("name_{number}_é")).chain([long, String::new()]).collect();
        let spans: Vec<Span> = texts.iter().map(|text| store.add(text)).collect();
        for (text, span) in texts.iter().zip(spans) {
            assert_eq!(store.get(span), text);
        }
        assert!(store.chunks.len() < 6, "{}", store.chunks.len());
        assert_eq!(TextStore::default().get(Span::default()), "");
    }
}
