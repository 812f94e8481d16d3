"""The voice: what botkit itself understands and says for a bot, in each of the bot's languages."""

from collections.abc import Iterable, Mapping
from typing import Final

from botkit.errors import DefinitionError
from botkit.language.codes import CODES, meant_code
from botkit.language.vocabulary import TEXTS, WORDS, Vocabulary, has_words, vocabulary
from botkit.settings import BotSettings
from botkit.translated import Translated, said_in

#: What is said where the user has asked for a language that there are no words in.
AGREED: Final = "👍"


class Voice:
    """The words and texts of a bot with *settings*; raises DefinitionError for those that mean nothing."""

    def __init__(self, settings: BotSettings) -> None:
        for given, known in ((settings.words, WORDS), (settings.texts, TEXTS)):
            for name in given:
                if name not in known:
                    raise DefinitionError(f"There are no words or texts {name!r}; take one of {', '.join(known)}.")
        self._settings = settings
        #: The languages that the bot speaks, its own first.
        self.languages: tuple[str, ...] = ()
        self._vocabularies: dict[str, Vocabulary] = {}
        self.speak((settings.language, *settings.languages))

    def speak(self, languages: Iterable[str]) -> None:
        """Speak *languages*, too, or none of them: raises DefinitionError for a code that no language has."""
        every = tuple(dict.fromkeys([*self.languages, *languages]))
        for code in every[len(self.languages) :]:
            if code.partition("-")[0] not in CODES:
                likely = meant_code(code)
                hint = f'; did you mean "{likely}"?' if likely else ', such as "en" or "pt-BR".'
                raise DefinitionError(f"There is no language {code!r}; take a code{hint}")
        self.languages = every
        self._vocabularies.clear()

    def vocabulary(self, language: str) -> Vocabulary:
        """What is understood and said while a question is open in *language*, and what in any of the bot's."""
        if language not in self._vocabularies:
            every = {one: vocabulary_of(self._settings, one) for one in (language, *self.languages)}
            self._vocabularies[language] = every[language].also(every.values())
        return self._vocabularies[language]

    def asked_for(self, text: str) -> str | None:
        """The language that *text*, all of it, asks for, None where it asks for none of the bot's."""
        if len(self.languages) < 2:
            return None
        return next((one for one in self.languages if self.vocabulary(one).means("language", text)), None)


def vocabulary_of(settings: BotSettings, language: str) -> Vocabulary:
    """The words and texts in *language*; where botkit has none in that, those of the bot's own.

    What a bot gives without saying in which language is in its own.
    """
    is_own = language == settings.language
    words = {
        name: given[language] if isinstance(given, Mapping) else given
        for name, given in settings.words.items()
        if (language in given if isinstance(given, Mapping) else is_own)
    }
    texts = {
        name: said_in(text, (language,))
        for name, text in settings.texts.items()
        if (language in text.by_language if isinstance(text, Translated) else is_own)
    }
    if has_words(language):
        return vocabulary(language).with_own(words, texts)
    # Nobody asks for Turkish by the words for English, nor is told in English that we go on in Turkish.
    own = vocabulary(language) if is_own else vocabulary_of(settings, settings.language)
    return own.with_own({"language": (), **words}, {"language": AGREED, **texts})
