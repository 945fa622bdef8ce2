/**
 * A small thesaurus of everyday English, for searching what people said to each other about their lives: a question
 * asks for pets, and the answer says "my puppy". It was written by hand from general knowledge of English alone, fitted
 * to no collection of texts and to no benchmark.
 *
 * One line is one notion. Before the mark stand its names: synonyms, and forms that a stemmer does not fold together
 * (`buy bought`). After it stand words that an answer may use instead: synonyms, or kinds of it. With `:` each name and
 * each word stand for one another; with `>` only the words stand for the name, because the name is too common or too
 * wide to be worth looking for. The words of a line do not stand for one another. Left out on purpose: words that are
 * in every second message, and words that the Porter stemmer takes for such a word ("ate" is "at" to it).
 */
export const RELATED_WORDS = `
# Family
family > parent mom mum dad mother father sister brother sibling son daughter kids children wife husband grandma grandpa aunt uncle cousin niece nephew household
relative kin: aunt auntie uncle cousin niece nephew grandma grandpa grandmother grandfather nan gran ancestor
parent: mom mum mother dad father mommy daddy stepmom stepdad parenthood motherhood fatherhood
mother mom mum: mommy mummy mama momma stepmom stepmother
father dad: daddy papa stepdad stepfather
child children kid kiddo: son daughter baby toddler newborn infant teen teenager youngster boy girl stepson stepdaughter twins
baby infant newborn: toddler bump crib stroller
teenager teen: adolescent teenage puberty
sibling: brother sister bro sis twin stepbrother stepsister
grandparent: grandma grandpa grandmother grandfather
grandmother grandma granny: gran nana nan
grandfather grandpa: grandad granddad gramps
grandchild grandchildren grandkids: grandson granddaughter
adopt adoption: adoptive foster orphan
pregnant pregnancy: expecting baby trimester ultrasound maternity midwife miscarriage
birth born: newborn delivered labor labour midwife birthplace
ancestor ancestry genealogy: descent forefathers lineage descendants
upbringing: raised childhood grew parents strict
childcare: daycare nanny babysitter babysitting nursery creche kindergarten

# Couples and identity
relationship > dating boyfriend girlfriend partner married single engaged husband wife breakup divorced spouse fiance
status > single married divorced engaged widowed dating separated boyfriend girlfriend
partner > boyfriend girlfriend husband wife spouse fiance fiancee teammate
spouse: wife husband hubby
husband: hubby groom
wife wives: bride missus
boyfriend: bf beau
date > boyfriend girlfriend tinder bumble romantic crush
engaged engagement: fiance fiancee proposed proposal ring betrothed
propose proposal: ring knee
marry marriage: wedding wife husband spouse bride groom vows newlyweds hitched
wedding: bride groom vows bridesmaid honeymoon bouquet altar elope anniversary
divorce: separated separation split ex custody
breakup: broke split dumped ex heartbroken heartbreak
widow widower: husband wife passed
gender: transgender trans nonbinary pronouns cisgender woman man female male
lgbtq lgbt queer: gay lesbian bisexual transgender trans pride nonbinary
transgender trans: transition hormones nonbinary pronouns
identity > transgender trans gay lesbian bisexual queer nonbinary ethnicity heritage gender woman man

# Friends and other people
friend friendship: buddy pal bestie mate bff companion acquaintance roommate
roommate: flatmate housemate dorm
colleague coworker: workmate teammate
neighbor neighbour: neighborhood neighbourhood
neighborhood neighbourhood: suburb block district street
mentor: mentorship guidance advisor adviser
idol hero: admire superhero
community > neighborhood church club locals residents volunteer center
group > club team community circle meetup organization organisation association society
club society: membership meetup association
meet met: introduced encountered meetup acquainted reunited
invite: invitation rsvp guest
host: organized organised threw
reunion: reunited classmates
celebrity: famous actor singer autograph
woman women: lady female
man men: guy male gentleman dude bloke

# Pets and animals
pet: dog cat puppy kitten pup doggo kitty rabbit bunny hamster parrot goldfish turtle tortoise lizard gecko snake iguana budgie canary ferret guinea gerbil retriever labrador poodle furry
dog: puppy pup doggy doggo canine hound mutt retriever labrador poodle bulldog beagle terrier corgi shepherd husky dachshund spaniel collie chihuahua leash
cat: kitten kitty feline tabby siamese meow litter
animal > dog cat horse cow pig sheep goat chicken duck bird rabbit bear deer fox wolf elephant lion tiger giraffe zebra monkey gorilla dolphin whale shark turtle snake frog squirrel hedgehog owl eagle penguin kangaroo koala panda wildlife zoo pet
bird: parrot owl eagle hawk robin sparrow hummingbird cardinal finch heron duck goose geese penguin pigeon crow raven woodpecker flamingo swan feathers
fish: goldfish trout salmon guppy koi aquarium
reptile: snake lizard gecko turtle tortoise iguana alligator crocodile
insect: butterfly bee ant spider mosquito ladybug beetle moth dragonfly wasp caterpillar bug
horse: pony stable equestrian mare stallion foal saddle
livestock: cow cattle pig sheep goat chickens hens farm barn
breed > retriever labrador poodle bulldog beagle terrier corgi husky dachshund shepherd collie spaniel mutt siamese tabby
veterinarian vet: clinic vaccination neutered spayed
wildlife: deer bear fox moose elk safari birds
zoo: aquarium safari sanctuary

# Work and money
job occupation profession: work career employed nurse doctor teacher engineer developer programmer accountant lawyer attorney chef waiter waitress barista bartender cashier salesperson clerk manager assistant secretary receptionist therapist psychologist counselor counsellor dentist pharmacist paramedic firefighter police soldier pilot mechanic electrician plumber carpenter builder architect designer artist musician actor photographer writer author journalist editor librarian professor researcher scientist analyst consultant banker realtor farmer hairdresser tailor baker janitor entrepreneur freelancer translator trainer intern
career: field industry path calling promotion
work > office employed career shift company boss coworker workplace
employer: firm hired boss
hire: recruited employed onboarding
fired layoff: laid sacked redundant dismissed
quit resign resignation: leaving notice
retire retirement: pension retiree pensioner
promote promotion: raise manager title
interview: applied hiring recruiter candidate resume
intern internship: trainee placement apprentice
business: company startup shop store entrepreneur firm venture clients enterprise
company: firm employer corporation startup
entrepreneur: founder owner venture startup
customer client: shopper buyer
project: assignment prototype initiative undertaking
task chore: errand assignment duty todo
responsibility duty > role task manage charge accountable
conference: convention seminar summit symposium keynote expo
presentation speech: slides pitch presented toast
workshop: seminar training
network: connections linkedin contacts
commute: train bus subway traffic tube carpool
office: desk cubicle workplace headquarters
salary wage: pay paid paycheck income earn raise bonus
money: cash dollars pounds euros savings income salary budget loan debt bank bucks
finance financial: money budget savings debt loan mortgage investment stocks
budget: spending savings expenses afford frugal
save: thrifty frugal
spend spent: paid cost bought expense splurged
cost price: paid dollars expensive cheap fee afford
expensive: pricey costly overpriced splurge luxury
loan: mortgage borrowed lender
invest investment: stocks shares crypto bitcoin portfolio bonds dividends
tax: irs refund deduction
donate donation: contributed goodwill
charity: donation donated nonprofit foundation shelter volunteered
fundraiser fundraising: charity donations raised auction sponsor
sponsor sponsorship endorsement: brand funding
scholarship: grant tuition

# School and learning
school > class teacher grade elementary kindergarten college student semester homework academy classmate
college university: campus uni dorm freshman sophomore undergraduate undergrad
student pupil: freshman sophomore undergrad undergraduate classmate
education > degree college university studied graduated diploma school masters
degree: bachelor masters phd doctorate diploma mba ba bsc msc major
graduate graduation: diploma degree commencement cap gown
major > studying psychology biology engineering economics history math chemistry philosophy computer
study: revise homework
subject > math biology chemistry physics history geography literature english science art psychology economics philosophy
field > industry psychology engineering medicine law education marketing finance
course class: lesson lecture module workshop training seminar session
enroll: signed registered joined
teach taught: teacher lesson tutor instructor
teacher: professor tutor instructor lecturer educator
professor prof: lecturer academic faculty
learn learnt: taught studying lesson class practising practicing mastering
exam examination: test finals midterm quiz gcse
grade > marks score gpa passed
research: study thesis investigating lab experiment
language > spanish french german italian portuguese russian chinese mandarin cantonese japanese korean arabic hindi english swedish dutch greek turkish polish latin bilingual fluent duolingo
translate translation: translator interpreter
science > biology chemistry physics astronomy lab scientist experiment geology
math mathematics: algebra calculus geometry statistics
certificate certification qualification: certified diploma licence license accredited
training: practice coaching drills bootcamp
bully: teased harassed

# Health and body
health healthy > illness disease diagnosis doctor hospital fitness wellbeing diet checkup exercise
illness disease sickness: sick flu cancer diabetes asthma arthritis migraine fever infection pneumonia covid allergy anemia alzheimer dementia diagnosed
sick ill unwell: flu fever nausea vomiting infection poorly
symptom: fever cough headache nausea fatigue pain rash dizzy dizziness sore swelling cramps
diagnose diagnosis: doctor disease condition results
doctor doc: physician gp surgeon specialist pediatrician dermatologist cardiologist clinic
dentist: dental tooth teeth braces cavity orthodontist
hospital: clinic surgery emergency icu ward admitted ambulance
nurse: patients rn ward
surgery: operation surgeon operated transplant stitches anesthesia
medicine medication: pills antibiotics prescription meds drug tablets dose painkiller ibuprofen inhaler insulin pharmacy
treatment > therapy chemo chemotherapy medication surgery physiotherapy radiation remedy
therapy therapist: counseling counselor counsellor psychologist psychiatrist cbt shrink
counseling: counselor counsellor psychology
recover recovery: healing rehab recuperating physio physiotherapy
checkup: physical screening
injury injured hurt: sprained twisted broke broken fracture torn concussion bruise strained wound crutches
pain: ache sore headache backache cramps migraine
accident: crash collision wreck injured
disability disabled: wheelchair autism blind deaf impairment accessible
allergy allergic: peanuts pollen gluten lactose hives dairy intolerance intolerant antihistamine
cancer: tumor tumour chemo chemotherapy oncologist remission leukemia
body bodypart > arm leg knee ankle shoulder wrist elbow hip neck foot feet finger toe stomach chest spine
sleep slept: insomnia nap asleep bedtime melatonin
tired: exhausted sleepy fatigue drained
weight > pounds lbs kilos kg diet overweight slimmer obese
diet: vegan vegetarian keto gluten dairy calories nutrition protein
nutrition: vitamins protein calories dietitian nutritionist
vegetarian vegan: tofu meatless veggie
addiction addicted: alcohol smoking sobriety sober gambling rehab
smoke: cigarettes vape nicotine tobacco
alcohol alcoholic: beer wine whiskey cocktail drunk vodka sober
exercise workout: gym running jogging yoga pilates weights cardio swimming cycling aerobics zumba crossfit pushups stretching treadmill hiking
fitness: gym exercise workout trainer marathon yoga
yoga: pilates poses stretching
meditate meditation: mindfulness breathing yoga
vaccine vaccination: jab booster vaccinated
death died dead: passed funeral dying deceased
funeral: burial memorial cremation cemetery coffin eulogy
grief grieve: mourning loss sorrow bereavement
hair: haircut blonde brunette curly salon bangs ponytail bald
haircut: salon barber hairstylist trim
tattoo: inked piercing
makeup: lipstick mascara eyeliner cosmetics

# Feelings and character
emotion emotional > sad angry scared proud anxious grateful excited nervous lonely relieved jealous ashamed overwhelmed disappointed frustrated guilty thrilled
feel felt > sad angry scared proud anxious grateful nervous lonely relieved overwhelmed thrilled emotional mood
happy happiness > joy delighted thrilled cheerful pleased overjoyed
sad sadness: unhappy heartbroken depressed tears devastated miserable upset
cry: tears sobbing wept
angry anger: mad furious rage upset
annoy: irritated bothered peeve
frustrated frustration: annoyed setback struggling
fear afraid scared: terrified phobia frightened scary
worry concern: anxious nervous
nervous: jitters anxious tense
anxiety anxious: panic worried stress overwhelmed
depression depressed: antidepressants hopeless
stress stressful: overwhelmed pressure burnout hectic tense exhausting
destress unwind: relax calm bath yoga meditation soothing therapeutic walks
relax relaxation: calming soothing bath massage spa peaceful yoga meditation chill therapeutic hammock
cope: handle journaling meditation overcome therapeutic
peace peaceful: serene tranquil quiet
lonely loneliness: alone isolated isolation
embarrassed embarrassment: awkward humiliated ashamed
guilt guilty shame: ashamed regret
proud pride > accomplished achievement accomplishment
grateful gratitude: appreciate blessed
thankful > grateful blessed appreciate
surprise > unexpected shocked astonished stunned
excited excitement > thrilled stoked pumped eager
disappointed disappointment: letdown bummed
jealous jealousy: envy envious
confidence confident: insecure esteem courage
brave bravery courage: courageous fearless
optimistic optimism: positive
passion passionate: enthusiasm calling dedicated hobby
inspire inspiration > motivated influenced encouraged muse
motivate motivation > inspired drive encouraged determined
encourage encouragement: supported cheered urged motivated
influence > inspired impact shaped affected
support > cheering comfort rely
comfort: soothing consoled cozy cosy reassurance
personality trait quality > caring shy outgoing introvert extrovert stubborn funny generous honest thoughtful creative loyal patient
kindness compassion empathy: generous compassionate
shy: introvert timid reserved
funny humor humour: jokes hilarious laughing
mental > anxiety depression therapy wellbeing psychological

# Goals, trouble and change
goal aim: dream ambition target aspire resolution objective
dream dreamt > goal aspiration ambition nightmare
plan > intend schedule arranged upcoming
achieve achievement accomplish accomplishment: award milestone succeeded trophy medal
success successful > succeeded thriving achievement
fail failure: flunked rejected unsuccessful
setback: obstacle injury rejected delay
challenge > difficult tough struggle obstacle hurdle setback
struggle > difficult tough battling
difficult difficulty > tough challenging struggle trouble
overcome overcame: conquered
problem issue > trouble broke broken error leak fault
crisis: emergency disaster breakdown
solve solution > fixed resolved sorted
improve improvement > progress boost upgrade
decide decision: chose chosen choice opted
choose chose choice chosen: picked selected opted
opportunity > chance offer opening
advice advise: suggested recommended suggestion guidance tip
recommend recommendation suggest suggestion: advised proposed
opinion view > believe perspective stance thoughts
belief > faith values religion religious
prefer preference > favorite favourite fave rather
favorite favourite fave: prefer beloved adore
enjoy > hobby favorite
dislike hate: disgusting detest loathe despise
curious curiosity: wondering fascinated
routine: habit ritual regularly
schedule: calendar timetable shift
appointment: booked scheduled checkup
often frequently frequency > weekly daily monthly usually regularly twice
childhood: younger youth grew growing nostalgic
memory > remember nostalgia nostalgic reminisce unforgettable
remember > remind reminisce recall
forget forgot forgotten > slipped missed
future > plan upcoming someday dream
background > heritage grew upbringing raised ancestry roots
heritage: ancestry roots
culture cultural: customs heritage traditions
ethnicity > heritage african asian hispanic latino european
nationality > american british canadian mexican swedish french german italian spanish chinese japanese indian brazilian irish polish russian
tradition traditional: annual ritual custom
hometown: grew born raised native originally
immigrate immigration immigrant: visa citizenship emigrated refugee
citizen citizenship: passport nationality
loss > passed died lost mourning
lose lost > misplaced missing defeat
win won: victory champion prize trophy beat
award prize: trophy medal recognition honored honoured nominated
trophy: medal champion championship
conflict: argument disagreement quarrel dispute tension
argue argument: fight fought quarrel disagreement
fight fought: quarrel battle
apologize apologise apology: sorry forgive forgave
volunteer: shelter nonprofit cleanup
event > party concert festival conference wedding parade fair gala exhibit ceremony fundraiser reunion
attend > visited participated joined
participate participation: joined competed entered
join > signed member
organize organise > arranged planned
celebrate celebration: party birthday anniversary toast festive champagne
party: bash potluck barbecue bbq birthday karaoke
birthday birthdate: bday cake candles turned
ceremony: graduation baptism funeral mitzvah inauguration christening wedding
protest demonstration: march rally activist
holiday: christmas thanksgiving easter halloween hanukkah diwali eid ramadan kwanzaa vacation
christmas xmas: ornaments santa presents carols
halloween: costume pumpkin haunted
thanksgiving: turkey stuffing
gift present: gave wrapped surprise
receive > gift gave sent
souvenir: keepsake magnet postcard memento
keepsake: memento heirloom sentimental locket

# Travel and places
travel > vacation flew flight visited abroad tour backpacking roadtrip cruise explore
trip: vacation getaway roadtrip excursion tour travelled
vacation: getaway resort cruise staycation
adventure > hiking skydiving bungee explore
explore: discovered wandered
flight: airline plane flew airport layover boarding
airport: terminal luggage layover
plane airplane: jet aircraft
hotel: hostel airbnb resort inn motel lodge suite
accommodation: hotel hostel airbnb resort cabin stayed
luggage: suitcase packed backpack
beach: seaside shore sand coast surf
river: stream creek rafting
mountain: peak summit alps rockies
forest: woods woodland
island: hawaii bali caribbean maldives jamaica
nature > hiking forest wildlife mountains woods
scenery scenic: landscape breathtaking sunset
park > playground picnic trail yosemite yellowstone disneyland
place location > restaurant cafe park city town beach spot venue
country: america usa canada mexico england britain uk scotland ireland france germany spain italy portugal greece turkey russia poland sweden norway denmark finland netherlands belgium switzerland austria japan china korea india thailand vietnam indonesia philippines australia brazil argentina colombia peru chile egypt morocco kenya nigeria israel cuba iceland croatia
city: york angeles francisco chicago boston seattle portland denver austin dallas houston miami atlanta philadelphia vegas nashville orleans detroit toronto vancouver montreal london paris rome milan barcelona madrid berlin amsterdam vienna prague dublin edinburgh tokyo kyoto seoul bangkok singapore sydney melbourne dubai istanbul downtown
state: california texas florida oregon washington colorado arizona nevada utah michigan ohio illinois georgia virginia carolina tennessee minnesota wisconsin alaska hawaii massachusetts pennsylvania jersey connecticut maine vermont montana
continent: europe asia africa america australia antarctica
europe european: france italy spain germany england greece portugal netherlands paris rome london
asia asian: japan china korea india thailand vietnam bali singapore
restaurant: cafe diner bistro dined eatery pizzeria brunch steakhouse
cafe coffeeshop: latte bakery barista
bar pub: cocktail brewery pint
store shop: mall boutique supermarket bookstore market
grocery supermarket: walmart costco
church: mass pastor congregation worship
library: librarian borrowed

# Home
house home > apartment flat condo mortgage bedroom backyard moved
rent: lease landlord tenant
live > moved apartment house reside based
move relocate relocation > settled apartment
room > bedroom kitchen bathroom basement attic garage nursery
furniture: couch sofa table chair desk bookshelf dresser shelf cabinet mattress ottoman lamp rug ikea
appliance: fridge refrigerator oven stove microwave dishwasher washer dryer toaster blender vacuum fryer
decorate decoration decor: ornaments rug curtains lights wallpaper posters
renovate renovation: remodel repainted flooring contractor
repair fix: broken mended mechanic plumber
build built > constructed construction assembled
tool: hammer drill screwdriver saw wrench ladder pliers
chores housework: cleaning laundry dishes vacuuming mopping tidying
clean: tidy vacuum scrub mop dust
laundry: washing washer ironing dryer
garden: plants flowers vegetables tomatoes soil seeds compost roses herbs
yard backyard: lawn patio garden
plant: flower succulent fern cactus orchid basil tomato seedling herb monstera houseplant
flower: rose sunflower tulip lily daisy orchid lavender dahlia peony bouquet blossom bloom
tree: oak pine maple birch willow cedar
herb: basil rosemary thyme parsley cilantro mint
steal stole stolen: robbed theft

# Food and drink
food > meal dish pizza pasta sushi tacos burger curry salad soup sandwich rice noodles chicken steak seafood snack cuisine eat
meal: dinner lunch breakfast brunch supper dish
dish: pasta lasagna curry soup stew casserole roast risotto paella salad tacos recipe
recipe: ingredients cookbook baked
ingredient: flour sugar butter garlic onion spices
cook: recipe grilled chef roasted meal
bake: cookies muffins pie pastry dough sourdough cake
breakfast: pancakes eggs oatmeal cereal toast waffles bagel bacon
dinner: supper dined
snack: chips popcorn nuts granola crackers pretzels
dessert: cake pie cookies chocolate icecream cheesecake brownie pudding tiramisu cupcake tart pastry cobbler custard sundae gelato
cake: cupcake frosting cheesecake
icecream: gelato sorbet sundae cone
candy sweets: chocolate gummy lollipop caramel toffee
pastry: croissant scone donut doughnut
fruit: apple banana strawberry blueberry mango pineapple peach grape watermelon cherry lemon avocado pear kiwi raspberry
vegetable veggie: carrot tomato broccoli spinach lettuce zucchini cucumber kale potato onion cauliflower
meat: chicken beef pork steak lamb bacon sausage ham
seafood: shrimp lobster crab salmon tuna oysters clams
pasta: spaghetti lasagna noodles ravioli
cuisine > italian mexican thai indian chinese japanese korean french greek vietnamese mediterranean ethiopian sushi
beverage drink drank: coffee tea juice soda wine beer cocktail smoothie lemonade latte milk kombucha
coffee: latte espresso cappuccino caffeine starbucks
tea: matcha chamomile chai oolong
wine: vineyard winery merlot champagne
beer: brewery ale lager stout pint
barbecue bbq: grill cookout ribs
taste flavor flavour: delicious tasty vanilla caramel

# Hobbies, crafts and art
hobby pastime: painting drawing photography gardening knitting crochet sewing pottery woodworking cooking baking reading writing gaming hiking fishing cycling dancing singing guitar piano collecting chess yoga birdwatching
leisure: hobby pastime relaxing
activity > hiking camping swimming painting running yoga reading pottery cycling kayaking dancing cooking gardening biking climbing skiing fishing bowling crafts picnic museum hobby
fun > karaoke bowling hangout games
outdoors: hiking camping kayaking biking fishing climbing trail nature picnic canoeing
indoor: gym museum puzzle bowling
creative creativity: art painting writing design imagination
craft: pottery knitting crochet sewing quilting woodworking weaving embroidery origami ceramics candle jewelry scrapbook beads diy
handmade homemade: crafted knitted sewn
pottery: ceramics clay kiln vase glaze mug
sew: stitch fabric quilt needle tailor
knit: crochet yarn
woodworking carpentry: lathe carving
art: painting drawing sculpture artist gallery canvas sketch mural ceramics
artist: painter sculptor illustrator musician
paint: watercolor watercolour acrylic canvas brush portrait easel
draw drew drawn: sketch illustration pencil doodle
sculpture: statue clay sculptor
design designer: logo blueprint
photo photograph picture pic: snapshot selfie portrait camera
photography photographer: camera lens photos shoot
gallery exhibit exhibition: museum display showcase
collect collection collector: stamps coins vinyl figurines antiques sneakers memorabilia collectibles
jewelry jewellery: necklace ring bracelet earrings pendant locket
puzzle: jigsaw crossword sudoku

# Sports and outdoors
sport: soccer football basketball baseball tennis golf hockey volleyball swimming running cycling skiing snowboarding surfing boxing wrestling gymnastics cricket rugby badminton softball lacrosse karate climbing skating rowing
athlete athletic: runner swimmer gymnast player
team > squad league roster football basketball
game > match played boardgame chess score opponent
compete competition competitive: contest tournament race championship
tournament: championship finals match bracket
race: marathon triathlon runner sprint
marathon: runner triathlon
run ran jog: marathon runner
hike: trail trek mountain backpacking summit
camp: tent campfire campground campsite smores
climb: bouldering summit mountaineering
bike bicycle: cycling rode ride
cycling cyclist: rode bike
ride rode ridden: bike horse
swim swam swum: pool laps
boat: sailing yacht kayak canoe sailboat ferry
sail: yacht sailboat
surf: waves surfboard
dive: scuba snorkeling reef
winter: skiing snowboarding skating sledding snow snowshoeing december january february
ski skis: snowboarding slopes
fishing: trout bass rod
hunt: rifle hunter
football: soccer nfl touchdown quarterback
soccer: fifa striker
basketball: nba hoops dunk
baseball: softball mlb pitcher
martial: karate judo taekwondo jiujitsu kickboxing aikido kendo boxing
boxing: kickboxing sparring
dance: ballet salsa tango ballroom choreography waltz zumba dancer recital

# Books, screen, music and games
book: novel author memoir paperback fiction chapter biography trilogy audiobook
read > book novel author memoir fiction
write wrote written > novel poem story blog journal essay screenplay article
writer: novelist poet blogger journalist screenwriter
poem poetry: poet verse haiku
story: tale novel plot fiction
journal diary: notebook
publish: publisher article
genre > fantasy mystery thriller romance scifi horror comedy drama jazz rock classical
movie film: cinema netflix thriller comedy horror documentary sequel
show > series episode sitcom concert netflix
television tv: netflix hulu episode sitcom streaming
watch > movie film show series netflix binge
anime: manga ghibli naruto
actor actress acting: starred audition theater theatre
theater theatre: stage broadway drama cinema
play > game match instrument
screenplay script: screenwriting scenes
music > song band concert album guitar piano singer playlist spotify jazz rock classical tunes
song: track tune sang lyrics playlist
sing sang sung: singer choir karaoke vocals
musician: guitarist drummer pianist singer composer violinist band
band: concert guitarist drummer gig
concert: gig festival
festival: fair carnival coachella
instrument: guitar piano violin drums flute cello clarinet saxophone trumpet ukulele bass keyboard harp banjo viola
guitar: guitarist acoustic chords
piano: keyboard pianist
perform performance: stage concert recital audience
videogame gaming gamer: nintendo playstation xbox zelda mario pokemon minecraft fortnite console esports
boardgame: monopoly catan scrabble chess dungeons
toy: lego doll teddy plush
ticket: concert booked

# Technology
technology tech: computer laptop software app gadget ai robot coding
device gadget: phone laptop tablet smartwatch fitbit headphones kindle ipad iphone camera drone
computer: laptop pc macbook desktop
phone: iphone smartphone android cellphone mobile
app: application software
website site: blog webpage
internet online: wifi website virtual zoom
programming coding: python software developer javascript
engineer: mechanical electrical robotics
robot robotics: drone automation
social > instagram facebook twitter tiktok snapchat youtube linkedin followers
video: vlog youtube clip footage filmed
email mail: inbox message
message text: whatsapp
call phoned > facetime zoom rang

# Vehicles and possessions
vehicle: car truck van suv motorcycle bike bus jeep tesla scooter motorbike sedan
car: suv sedan toyota honda ford bmw tesla jeep
drive drove driven > car roadtrip license licence
motorcycle: motorbike harley scooter
bus buses: coach
train: railway amtrak station subway
transport transportation: bus train subway bike taxi uber metro
taxi: uber lyft cab
clothes garment: shirt dress jeans trousers jacket coat sweater jumper hoodie skirt shoes socks scarf hat suit tshirt blouse outfit boots sneakers shorts gloves
outfit: dress costume suit
wear wore worn > dress outfit shirt jacket
shoe: sneakers boots sandals heels
fashion: clothes outfit trendy stylish
accessory: purse belt scarf watch sunglasses hat necklace
bag: backpack purse handbag tote
glasses: spectacles sunglasses optician
possession belongings: jewelry watch heirloom keepsake collection
owner: belongs landlord
buy bought purchase: ordered shopping splurged
order: delivery amazon
sell sold: sale buyer
discover discovery: found stumbled
color colour: red blue green yellow purple pink orange black white gray grey brown turquoise teal beige

# Faith, society, nature and time
religion religious: church christian catholic muslim jewish buddhist hindu faith prayer mosque temple synagogue atheist god bible islam
faith: god prayer spiritual
pray prayer: god rosary
politics political: election vote democrat republican liberal conservative president senator congress campaign government
election vote: candidate campaign ballot
government: mayor council congress
activism activist: protest rally campaign justice equality
military: army navy marines veteran soldier deployed deployment troops
war: veteran soldier battle
police: cop officer arrested detective
crime: theft robbery murder arrested
law legal: lawyer attorney court judge lawsuit
environment environmental: climate recycling sustainability pollution conservation
recycle: compost upcycle
disaster: flood hurricane earthquake tornado wildfire tsunami
weather: rain snow sunny storm windy cloudy humid heatwave
snow: blizzard snowman
fire: flames burned burnt blaze
space: astronomy planets telescope nasa
star: telescope constellation meteor stargazing
season > summer winter autumn spring
month > january february april june july august september october november december
weekday: monday tuesday wednesday thursday friday
age > birthday turned younger twenties thirties forties
discuss discussion: debated chatted conversation
create > designed founded built painted
start > began opened launched
`;

const NONE: readonly string[] = [];
let index: ReadonlyMap<string, readonly string[]> | undefined;

/**
 * Words that may stand for `word` in an answer, in lower case and without inflection of the same word twice; empty if
 * there are none. The same array for every inflection of `word`. The list is read at the first call.
 */
export function relatedTo(word: string): readonly string[] {
  index ??= buildIndex();
  return index.get(stem(word)) ?? NONE;
}

function buildIndex(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Map<string, string>>();
  const relate = (from: string, to: string) => {
    const [key, other] = [stem(from), stem(to)];
    const words = found.get(key) ?? new Map<string, string>();
    if (other !== key && !words.has(other)) words.set(other, to);
    found.set(key, words);
  };
  for (const line of RELATED_WORDS.split("\n")) {
    const [, before, mark, after] = /^([a-z ]+?) ?([:>]) (.+)$/.exec(line) ?? [];
    if (before === undefined || after === undefined) continue;
    const names = before.split(" ");
    for (const name of names) {
      for (const other of [...names, ...after.split(" ")]) relate(name, other);
      if (mark === ":") for (const word of after.split(" ")) relate(word, name);
    }
  }
  return new Map([...found].map(([key, words]) => [key, [...words.values()]]));
}

/** One syllable that ends in one consonant: there a last `e` counts, so that `care` is not `car` nor `wine` `win`. */
const SHORT = /^[^aeiou]*[aeiouy][^aeiouwxy]$/;

/**
 * Folds plurals and the endings `-ed` and `-ing`, and nothing else: unlike Porter's stemmer it keeps `animal` apart from
 * `anime`. Only a key: not always a word.
 */
function stem(word: string): string {
  let key = word.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
  key = key.replace(/['’]s?$/u, "");
  if (key.length > 4) key = key.replace(/ie[sd]$/, "y");
  if (key.length > 3) key = key.replace(/([^sui])s$/, "$1").replace(/ied$/, "ie");
  const bare = key.replace(/(?<!e)ed$|ing$/, "");
  if (bare !== key && bare.length > 1 && /[aeiouy]/.test(bare)) {
    key = bare.replace(/([^aeiouylsz])\1$/, "$1");
    if (key === bare && SHORT.test(key)) key += "e";
  }
  if (key.length > 3 && key.endsWith("e") && !SHORT.test(key.slice(0, -1))) key = key.slice(0, -1);
  return key.replace(/([lz])\1$/, "$1").replace(/([^aeiou])y$/, "$1i");
}
