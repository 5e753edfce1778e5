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
    begin: u16,
    length: u16,
}

/// The length of a text that has a piece of memory for itself.
const WHOLE: u16 = u16::MAX;

impl TextStore {
    /// Keeps a text.
    pub(super) fn add(&mut self, text: &str) -> Span {
        let length = u16::try_from(text.len()).unwrap_or(WHOLE);
        if length == WHOLE {
            // The pieces before it stay as full as they are.
            self.chunks.push(text.to_owned());
            return Span { chunk: (self.chunks.len() - 1) as u32, begin: 0, length };
        }
        let fits = |chunk: &String| chunk.capacity() - chunk.len() >= text.len();
        if !self.chunks.last().is_some_and(fits) {
            self.chunks.push(String::with_capacity(CHUNK));
        }
        let chunk = self.chunks.len() - 1;
        let begin = self.chunks[chunk].len();
        self.chunks[chunk].push_str(text);
        Span { chunk: chunk as u32, begin: begin as u16, length }
    }

    /// A text that was kept.
    pub(super) fn get(&self, span: Span) -> &str {
        let Some(chunk) = self.chunks.get(span.chunk as usize) else { return "" };
        match span.length {
            WHOLE => chunk,
            length => &chunk[usize::from(span.begin)..][..usize::from(length)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back() {
        let mut store = TextStore::default();
        let long = "é".repeat(CHUNK);
        let longest = "x".repeat(CHUNK - 1);
        let texts: Vec<String> = (0..5000)
            .map(|number| format!("name_{number}_é"))
            .chain([long, "z".to_owned(), longest, String::new()])
            .collect();
        let spans: Vec<Span> = texts.iter().map(|text| store.add(text)).collect();
        for (text, span) in texts.iter().zip(spans) {
            assert_eq!(store.get(span), text);
        }
        assert!(store.chunks.len() < 8, "{}", store.chunks.len());
        assert_eq!(TextStore::default().get(Span::default()), "");
    }
}
