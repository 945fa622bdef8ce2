function wordSet(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/** English words that say nothing of the topic, and the words people wrap a memory question in. */
export const STOP_WORDS = wordSet(`
  a an the and or but if so as at by for from in into of off on onto out over to up with without about than then too very
  i me my mine myself we us our ours you your yours yourself he him his she her hers it its they them their theirs
  i'm i've i'd i'll you're you've you'd it's that's there's he's she's we're we've they're what's who's where's when's how's let's
  this that these those there here what who whom whose which when where why how
  is are was were be been being am do does did doing done have has had having can could will would shall should may might must
  don't doesn't didn't can't couldn't won't wouldn't isn't aren't wasn't weren't haven't hasn't not no nor
  just also again ever never still already really please some any all each every more most much many such only own same
  tell say said says talk talked talking mention mentioned mentioning remember remembered recall remind know knew think discuss discussed
  discussing conversation conversations chat chatted told asked ask spoke speak time times thing things something anything everything
  one find search look show list give get got let ok okay hey hi hello thanks thank yes yeah well now today like
  memory memories archival archive archives stored saved d s t m re ve ll
`);

/** First names recognised even when they are not capitalised. */
export const FIRST_NAMES = wordSet(`
  aaron abby abigail adam adrian agnes ahmed aisha alan albert alejandro alessandro alex alexander alexandra alexis alice alicia alina
  amanda amelia amir amy ana anders andre andrea andreas andrew angela anita anna anne annie anton antonio ariana arthur ashley astrid
  barbara beatrice ben benjamin bernard beth betty bianca bill bob boris brad brandon brenda brian bruno caleb cameron camila carl
  carla carlos carmen carol caroline catherine cecilia chad charles charlie charlotte chen chloe chris christian christina christine
  christopher claire clara claudia connor cynthia daniel daniela danny david deborah dennis diana diego dmitri dominic donna dylan
  eduardo edward elena eli elias elizabeth ella ellen ellie emily emma enrique eric erik erika esther ethan eva evan evelyn fatima
  felix fernando fiona florence francesca francis frank fred gabriel gabriela gary george gina giovanni giulia gloria greg hannah
  hans harold harry hassan heather hector helen helena henry hiroshi hugo ian ibrahim igor ingrid irene iris isaac isabel isabella
  ivan jack jackie jacob jake james jamie jan jane janet jasmine jason javier jean jeff jennifer jenny jeremy jess jesse jessica jim
  joan joanna joao joe joel johan johanna john jon jonas jonathan jordan jorge jose joseph josh joshua juan judith julia julian julie
  julio justin karen karl kate katherine kathy katie keith kelly ken kevin kim klaus kyle lars laura lauren leah lena leo leon leonardo
  leslie liam lily linda lisa liz louis louise luca lucas lucia lucy luis luisa luke magnus manuel marco marcus margaret maria marie
  mario marta martha martin mary mateo matt matteo matthew maya megan melanie melissa mia michael michelle miguel mike milan mohammed
  monica nadia naomi natalia natalie natasha nathan nicholas nick nicolas nicole nikita nina noah nora oliver olivia omar oscar pablo
  pamela patricia patrick paul paula pedro peter petra philip priya rachel rafael raj ralph ravi rebecca ricardo richard rita robert
  roberta robin rodrigo roger ron rosa rose ruth ryan sally sam samantha samuel sandra sara sarah scott sean sebastian sergio shane
  sharon silvia simon sofia sonia sophia sophie stefan stella stephanie stephen steve steven sue susan sven tanya tara ted teresa tess
  theo theresa thomas tim tina todd tom tomas tony tyler valentina vanessa vera veronica victor victoria vikram vincent virginia
  walter wendy will william xavier yasmin yuki yusuf zoe rex fido luna bella max buddy milo whiskers felix coco
`);

/** What follows "I'm" or "my brother" without being a name, even with a capital. */
export const NOT_NAMES = wordSet(`
  a an the i you he she it we they my your his her our their this that these those not so too very really just also still always never
  now here there back home out off up down in on at by for from of with without to about into over under after before
  sorry fine ok okay good great well bad sad happy glad tired exhausted hungry thirsty bored busy late early ready done sure afraid
  angry mad upset sick ill cold hot warm wet dry lost alone lonely free single married engaged divorced pregnant retired unemployed
  nervous anxious excited curious confused stuck stressed worried scared proud ashamed jealous jet jetlagged hungover sleepy awake
  asleep alive dead drunk sober broke rich poor old young tall short fat thin big small new interested serious kidding joking
  going coming leaving working living looking trying thinking feeling getting having making doing being taking watching reading writing
  playing studying learning planning moving visiting waiting hoping wondering using eating drinking cooking running sleeping
  vegan vegetarian pescatarian diabetic celiac coeliac allergic lactose gluten gay straight bi bisexual trans queer
  german french spanish english american british italian portuguese brazilian mexican indian chinese japanese korean russian dutch
  canadian australian irish scottish welsh polish swedish norwegian danish finnish greek turkish ukrainian czech hungarian austrian
  swiss belgian egyptian nigerian kenyan argentinian chilean colombian peruvian vietnamese thai filipino indonesian pakistani
  catholic christian jewish muslim hindu buddhist atheist republican democrat liberal conservative
  monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november
  december today tomorrow yesterday tonight
  is was are were has had have does did do will would can could should may might must says said went goes got gets came comes gave
  gives made makes took takes told tells thinks thought loves loved likes liked hates hated wants wanted needs needed lives lived works
  worked plays played bought baked cooked died dies passed left dumped moved called named and or but who which that when where while
  if because since than then as visited helped keeps kept started stopped sent sat ran runs sleeps eats drinks drives studies studied
  teaches taught asked asks knows knew saw sees speaks spoke sings turned turns became becomes seems looks always never often
  all any everyone someone nobody both yes no lol haha hey hi hello please thanks thank what how why
  one two three four five six seven eight nine ten
`);

const PARTNERS = "boyfriend|girlfriend|husband|wife|spouse|partner|fianc[eé]e?";
const FAMILY =
  "mother|father|mom|mum|mama|mommy|mummy|dad|papa|daddy|sister|brother|sibling|son|daughter|child|kid|baby girl|baby boy|baby|grandmother|grandfather|grandma|grandpa|granny|nana|aunt|auntie|uncle|cousin|niece|nephew|stepmother|stepfather|stepmom|stepdad|stepson|stepdaughter|stepsister|stepbrother|grandson|granddaughter|godmother|godfather|goddaughter|godson|twin";
const SOCIAL =
  "friend|bff|roommate|flatmate|housemate|boss|manager|supervisor|colleague|coworker|co-worker|neighbou?r|teacher|tutor|doctor|dentist|therapist|coach|mentor|landlord|landlady|assistant|business partner|crush";
const PETS =
  "dog|cat|puppy|kitten|hamster|rabbit|bunny|parrot|budgie|bird|horse|pony|goldfish|fish|turtle|tortoise|snake|lizard|gecko|guinea pig|ferret|chicken|pet";

/** Regular expression sources, without groups, for the words by which people name those close to them. */
export const PARTNER = `(?:${PARTNERS})`;
export const PET = `(?:${PETS})`;
export const RELATION = `(?:(?:ex|late|older|younger|elder|eldest|oldest|youngest|little|big|baby|twin|best|close|good|old|new|first|half|step|grand|pet|childhood|adopted)[ -])*(?:${PARTNERS}|${FAMILY}|${SOCIAL}|${PETS})(?:-in-law| in law)?`;

export const NATIONALITY =
  "german|french|spanish|english|american|british|italian|portuguese|brazilian|mexican|indian|chinese|japanese|korean|russian|dutch|canadian|australian|irish|scottish|welsh|polish|swedish|norwegian|danish|finnish|greek|turkish|ukrainian|czech|hungarian|austrian|swiss|belgian|egyptian|nigerian|kenyan|argentinian|chilean|colombian|peruvian|vietnamese|thai|filipino|indonesian|pakistani|romanian|croatian|serbian|bulgarian|israeli|moroccan|south african|kiwi";
export const LANGUAGE =
  "english|spanish|french|german|italian|portuguese|dutch|russian|ukrainian|polish|czech|swedish|norwegian|danish|finnish|greek|turkish|arabic|hebrew|hindi|urdu|bengali|tamil|mandarin|cantonese|chinese|japanese|korean|vietnamese|thai|indonesian|swahili|catalan|basque|romanian|hungarian|croatian|serbian|latin|esperanto|asl|sign language|persian|farsi|tagalog";
export const DIET =
  "vegan|vegetarian|pescatarian|flexitarian|gluten[- ]free|lactose[- ]intolerant|coeliac|celiac|diabetic|teetotal|keto|kosher|halal";
