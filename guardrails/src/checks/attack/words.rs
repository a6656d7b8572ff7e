//! Words by what they say in an attack, in English, German, Spanish and French: lower case, without accents, with blanks between.

/// Tokens of chat templates, between `<|` and `|>`.
pub(super) const ROLES: &str = "im_start im_end im_sep system user assistant endoftext endofprompt start_header_id end_header_id eot_id \
    begin_of_text end_of_text start end channel message return begin▁of▁sentence end▁of▁sentence";

/// Roles in prompt formats.
pub(super) const HEADINGS: &str = "Instruction Human Assistant System";

/// Verbs that take instructions back.
pub(super) const VERBS: &str = "ignore ignoring disregard disregarding forget forgetting ignoriere ignorier ignorieren vergiss vergesse \
    vergessen missachte missachten ignora ignoren ignorad olvida olvide olviden olvidad ignorez ignorer oublie oubliez";

/// Verbs that are said of settings as well.
pub(super) const WEAK_VERBS: &str = "override overriding bypass bypassing discard umgehe umgehen ubergehe ubergehen uberschreibe uberschreiben contourne \
    contournez";

/// First words of verbs that are several words.
pub(super) const HEADS: &str = "do don't dont stop never pay caso no fais faites ne";

/// Last words of those.
pub(super) const TAILS: &str = "follow following obey obeying to omiso sigas siga sigan pas plus abstraction";

/// That instructions were given before, or by whom that is not the writer.
pub(super) const EARLIER: &str = "previous prev previously prior above earlier preceding former foregoing aforementioned initial original \
    past before system hidden developer \
    vorherige vorherigen vorige vorigen bisherige bisherigen obige obigen obenstehenden fruhere fruheren vorangegangenen \
    vorangehenden vorhergehenden ursprungliche ursprunglichen vorher oben zuvor bisher genannten \
    anterior anteriores previa previas previo previos arriba inicial iniciales original originales antes sistema recibidas \
    precedent precedents precedente precedentes anterieur anterieurs anterieure anterieures dessus initiale initiales initiaux \
    origine d'origine systeme haut avant recues precede";

/// That they are all there are, or keep the reader from harm.
pub(super) const OWN: &str = "all any every existing safety safeguard content ethical moral openai openai's anthropic \
    anthropic's you alle allen samtliche jegliche du todas todos cualquier seguridad toutes tous securite";

/// Words that change nothing.
pub(super) const FILLING: &str = "the of in and or about please other that which i we me set list my our these those given provided \
    entire whole each single last current old security now \
    bitte die den der das von und oder mir dir sie ihre ihren meine diese dieser davon ab jetzt nun sofort \
    las los lo la el de del y o ahora que te le sus mis estas estos por favor \
    les des du et ou qui compte maintenant desormais vos mes ces ce cette vous t m ci l'ensemble l ensemble en plus";

/// What may follow instructions and says when and by whom they were given.
pub(super) const CLOSING: &str = "you gave got received told said given far now point here developers creators \
    gegeben erhalten bekommen wurden hast habe dado recibido dadas ahora donne donnees donnes recu";

/// What may stand before those, and ends no sentence.
pub(super) const LINKING: &str =
    "were was have had has been i've you've to so until up this from by han ha hayas ai ont ete as j'ai";

/// Instructions.
pub(super) const INSTRUCTIONS: &str = "instructions prompt prompts guidelines programming preprompt \
    anweisungen instruktionen systemanweisungen systemprompt systemprompts richtlinien systemvorgaben sicherheitsregeln sicherheitsrichtlinien \
    instrucciones directrices consignes";

/// What may be instructions.
pub(super) const RULES: &str = "instruction directives rules orders constraints restrictions training policies limitations directions \
    safeguards guardrails filters directive conditioning \
    anweisung regeln befehle vorgaben beschrankungen einschrankungen \
    reglas ordenes normas pautas indicaciones restricciones regles ordres indications contraintes consigne";

/// What instructions come in.
pub(super) const MESSAGES: &str = "everything alles todo tout commands message messages conversation conversations context text nachrichten mensajes";

/// Instructions that can only be a model's.
pub(super) const GUARDED: &str =
    "systemprompt systemprompts preprompt metaprompt systemanweisungen systemanweisung systemnachricht";

/// That instructions are kept from users.
pub(super) const HIDDEN: &str = "system hidden secret developer confidential pre meta versteckten versteckte geheimen geheime \
    sistema ocultas ocultos oculto secretas secreto systeme cachees cache caches secretes";

/// That they may be.
pub(super) const SECOND_HIDDEN: &str = "initial original internal underlying starting base core exact full ursprunglichen \
    ursprungliche internen iniciales inicial originales internas initiales initial internes";

/// That they are the reader's.
pub(super) const YOURS: &str = "your deine deinen dein ihre ihren tu tus ton tes votre vos";

/// Words that stand for all that was written before.
pub(super) const WRITTEN: &str = "everything words text";

/// What a question for instructions may say besides.
pub(super) const ASKING: &str = "above me us out back all of the full entire complete completely exact exactly word for contents \
    reveal disclose leak print repeat show display output tell give what is are was were \
    mir den die der genauen zeig zeige nenn nenne verrat verrate gib wiederhol wiederhole ist sind wie lautet \
    el la las los del de es son revela muestra muestrame dime repite cual cuales \
    moi le les la est sont montre montrez montres affiche affichez revele revelez repete repetez donne donnez quel quelle quelles";

/// First words of a sentence that frees from rules.
pub(super) const FREEING: &str =
    "pretend imagine act you you're without tu tue stell du finge imagina fais faites";

/// What a sentence that frees from rules may say besides.
pub(super) const FREEDOM: &str = "pretend imagine suppose act behave respond answer reply as if though like that you you're you've your \
    youre are were have has had is to be being a an ai assistant model chatbot bot language any all the of from by with who which \
    longer bound restricted limited governed constrained subject content safety ethical moral usual following follow need must \
    openai openai's and or now there exist anymore these those will can this \
    tu tue so als ob du hattest hast habest waren warst seien wart bist an gebunden stell dir vor es gabe gibt unter mehr deine irgendwelche \
    ki eine ein modell \
    finge imagina haz como si que no tienes tuvieras hay eres una un ia etica eticas ninguna ningun tus las los de \
    fais comme semblant imagine si avais tu n'avais n'as as n'es est es plus une ia de d' le la les des aucune";

/// Words that deny.
pub(super) const NEGATIONS: &str = "no not without none free don't doesn't never aren't keine keinen keinerlei ohne nicht no ninguna \
    sin ningun aucune aucun sans pas";

/// What a model is bound by.
pub(super) const NORMS: &str = "restrictions rules filters guidelines censorship safeguards guardrails programming instructions \
    regeln einschrankungen beschrankungen filter richtlinien vorgaben \
    restricciones reglas filtros directrices normas restriction regle regles filtre filtres directives";

/// What anybody is bound by.
pub(super) const LIMITS: &str = "limits limitations boundaries constraints morals ethics policies grenzen moral limites limitaciones limite";

/// Parts of words in a text that was encoded so as not to be read.
pub(super) const CODED_VERBS: &str =
    "ignore ignorier disregard forget vergiss override bypass reveal ignora olvida oublie pretend";

/// And what they are about.
pub(super) const CODED_NAMES: &str = "instruction instruktion instruccion anweisung prompt guideline richtlinie rules regeln reglas regles \
    consigne restriction restriccion";
