//! Text that is meant to get past a reader or around a model's instructions.

use crate::category::Category;
use crate::checks::attack::{
    capitalised, encoded_attack, frees_from_limits, frees_from_rules, overrides_likely, overrides_possibly,
    overrides_surely, reveals_likely, reveals_surely, role_heading, role_token,
};
use crate::detector::{After, Before, Check, Detector, Lead, PLAIN};
use crate::finding::Confidence;

/// A heuristic that manuals and stories seldom meet: reported, but below what chance cannot make.
const LIKELY: Confidence = Confidence::new(65);

/// A heuristic that hardly anything but an attack, or a text about one, meets.
const SURE: Confidence = Confidence::new(75);

/// The beginnings of sentences, and up to nine words after them; the checks know the words.
const SENTENCE: &[&str] = &[concat!(
    "(?i:ignor|disreg|forget|overri|bypass|discard",
    "|verg[ei]ss|missacht|umgeh|\\xC3[\\x9C\\xBC]ber(?:geh|schreib)|olvid|oubli|contourn",
    "|(?:do not|don[\\x80-\\xFF']*t|stop|never) (?:follow|obey)|pay no attention|caso omiso|no siga",
    "|fai(?:s|tes) (?:abstrac|comme si)|ne (?:sui|tien|ten)",
    "|pretend|imagin|act as (?:if|though)|you(?: are|'re) (?:no longer|not) (?:bound|restric)",
    "|tue? so|stell dir|du bist nicht|finge|without (?:any )?(?:ethic|moral))",
    "[A-Za-z\\x80-\\xFF]*",
    "(?:[ \\t\\r\\n,\"*_/()-]+[A-Za-z\\x80-\\xFF']+){1,9}",
)];

/// Verbs, and any number of words that begin like those of a question for instructions.
const QUESTION: &[&str] = &[concat!(
    "(?i:reveal|disclo|leak|print|rep(?:e|it)|show|displa|output|tell|give|what (?:is|are|was|were)",
    "|zeig|nenn|verrat|gib|wiederhol|was (?:ist|sind)|wie lautet",
    "|revel|mu(?:e|\\xC3\\xA9)st|dime|cu(?:a|\\xC3\\xA1)l|montr|donne|affich|r(?:e|\\xC3\\xA9)[vp](?:e|\\xC3[\\xA8\\xA9])[lt]|quel)[a-z\\x80-\\xFF]*",
    "(?:[ \\t\\r\\n\"*_-]+(?i:me|us|all|of|the|your|mir|de[nlr]?|die|deine?[nmr]?|e[ls]|sont?|est|tus?|l[ae]s?|moi|tes|ton|votre",
    "|(?:full|enti|compl|exac|init|orig|hid|sec|sys|dev|conf|inte|promp|ins|guid|above|every|word|text",
    "|verst|gehe|urspr|anw|sist|oc|inic|cach|consi)[a-z\\x80-\\xFF]*))+",
)];

/// Roles that are given to models to make them forget their own. A person may be called Dan.
const PERSONA: &[&str] = &[
    "(?i:you are|you're|act as|become|du bist|bist du|eres|act[\\x80-\\xFF]+a como|tu es)(?: (?i:now|an?|the|jetzt|ahora|un|maintenant))* (?:DAN|(?i:unrestricted|unfiltered|uncensored|amoral|jailbroken),? (?i:amoral |language )?(?i:ai|assistant|chatbot|model))",
    "(?i:dan|jailbreak|jailbroken|unfiltered) mode",
];

/// What shows that a text is about attacks.
const ATTACKED: &[&str] = &[
    "jailbreak",
    "jailbroken",
    "system prompt",
    "systemprompt",
    "developer mode",
    "previous instruction",
    "chatgpt",
    "you are now",
    "from now on",
    "unrestricted",
    "unfiltered",
];

/// What all heuristics have in common.
const HEURISTIC: Detector = Detector {
    category: Category::PROMPT_ATTACK,
    alone: LIKELY,
    in_context: Confidence::VALIDATED_TOLD,
    telling: ATTACKED,
    source: "OWASP Top 10 for LLM Applications 2025, LLM01 Prompt Injection.",
    ..PLAIN
};

const OVERRIDING: Detector = Detector {
    shapes: SENTENCE,
    validator: "the words name instructions and whose they are",
    ..HEURISTIC
};

const REVEALING: Detector = Detector {
    shapes: QUESTION,
    validator: "the words name hidden instructions",
    ..HEURISTIC
};

const FREEING: Detector = Detector {
    shapes: SENTENCE,
    validator: "the words deny rules, and are no others",
    ..HEURISTIC
};

const PRETENDING: Detector = Detector {
    alone: SURE,
    source: "Shen et al., \"Do Anything Now\": Characterizing In-The-Wild Jailbreak Prompts, ACM CCS 2024.",
    ..HEURISTIC
};

const TOKEN: Detector = Detector {
    before: Before::Anything,
    after: After::Anything,
    alone: Confidence::VALIDATED,
    ..HEURISTIC
};

/// Found in how text is spelt (see `normal`): such rows have no shape.
const SPELT: Detector = Detector {
    alone: Confidence::CERTAIN,
    in_context: Confidence::CERTAIN,
    ..PLAIN
};

/// The rows.
pub(super) static ROWS: &[Detector] = &[
    Detector {
        category: Category::INVISIBLE_TEXT,
        validator: "inside a word, or four and more in a row",
        source: "Unicode Standard Annex 44, Default_Ignorable_Code_Point; soft hyphens, emoji and their joiners are left alone.",
        ..SPELT
    },
    Detector {
        category: Category::BIDI_CONTROL,
        validator: "embeddings, overrides and isolates",
        source: "Unicode Standard Annex 9 §2; Unicode Technical Standard 55 on source code spoofing.",
        ..SPELT
    },
    Detector {
        category: Category::TAG_CHARACTERS,
        validator: "not after the black flag emoji",
        source: "The Unicode Standard §23.9; Unicode Technical Standard 51, annex C, for flags.",
        ..SPELT
    },
    Detector {
        shapes: &["<\\|[A-Za-z_\\x80-\\xFF]+\\|>"],
        check: Check::Value(role_token),
        validator: "a token of a published chat template",
        source: "Chat templates in published tokenizer configurations: ChatML, Llama 3, DeepSeek, Phi, gpt-oss.",
        ..TOKEN
    },
    Detector {
        shapes: &[r"\[/?INST\]", "<</?SYS>>", "<(?:start|end)_of_turn>"],
        source: "Chat templates in published tokenizer configurations: Llama 2, Mistral, Gemma.",
        ..TOKEN
    },
    Detector {
        shapes: &["### ?[A-Z][a-z]+:", "\\r?\\n\\r?\\n(?:Human|Assistant):"],
        check: Check::Value(role_heading),
        validator: "a role in a published prompt format",
        alone: LIKELY,
        source: "Prompt formats that models were trained on: Stanford Alpaca, Vicuna; Anthropic API reference, \"Text completions\".",
        ..TOKEN
    },
    Detector {
        check: Check::Value(overrides_surely),
        alone: Confidence::VALIDATED,
        ..OVERRIDING
    },
    Detector {
        check: Check::Value(overrides_likely),
        ..OVERRIDING
    },
    Detector {
        check: Check::Value(overrides_possibly),
        alone: Confidence::CHECKED,
        in_context: Confidence::CONTEXT,
        ..OVERRIDING
    },
    Detector {
        check: Check::Value(reveals_surely),
        alone: SURE,
        ..REVEALING
    },
    Detector {
        check: Check::Value(reveals_likely),
        ..REVEALING
    },
    Detector {
        check: Check::Value(frees_from_rules),
        ..FREEING
    },
    Detector {
        check: Check::Value(frees_from_limits),
        alone: Confidence::CHECKED,
        in_context: Confidence::CONTEXT,
        ..FREEING
    },
    Detector {
        shapes: PERSONA,
        ..PRETENDING
    },
    Detector {
        shapes: &["(?i:do anything now)"],
        check: Check::Value(capitalised),
        validator: "capital letters",
        ..PRETENDING
    },
    Detector {
        // Telephones have a developer mode, and some can be jailbroken.
        shapes: &["(?i:developer mode (?:enabled|activated|on)|do anything now|jailbreak)"],
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: &[
            "chatgpt",
            "gpt",
            "language model",
            "you are now",
            "you can",
            "act as",
            "simulate",
            "from now on",
        ],
        source: "Shen et al., \"Do Anything Now\": Characterizing In-The-Wild Jailbreak Prompts, ACM CCS 2024.",
        ..HEURISTIC
    },
    Detector {
        shapes: &["[A-Za-z0-9+/]{40}[A-Za-z0-9+/]*={0,2}"],
        refuted_by: &["[A-Za-z0-9+/]{40}[A-Za-z0-9+/]*[+/][A-Za-z0-9]"],
        // Not inside such a run: it would be read again after every slash.
        before: Before::Host,
        lead: Lead::Digit,
        check: Check::Value(encoded_attack),
        validator: "base64 or hexadecimal digits of text that names instructions and a verb such as `ignore`",
        alone: Confidence::VALIDATED,
        overflow: Some("[A-Za-z0-9+/=]"),
        source: "RFC 4648 §4 and §8; OWASP Top 10 for LLM Applications 2025, LLM01 Prompt Injection, scenario 9.",
        ..HEURISTIC
    },
];
