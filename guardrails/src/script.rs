//! The scripts of letters, near enough to tell words of different ones.

/// A number for the script of a letter (Unicode, code charts): the same for Latin letters with and without marks, and for the
/// characters that Chinese, Japanese and Korean are written in; else of the block.
pub(crate) fn script_of(letter: char) -> u32 {
    match letter {
        '\0'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => 0,
        '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}' => 1,
        '\u{400}'..='\u{52F}' => 2,
        '\u{1100}'..='\u{11FF}'
        | '\u{2E80}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}' => 3,
        _ => 4 + u32::from(letter) / 128,
    }
}
