const firstNames =
  'Aderin Bohdan Calyx Dovren Elspeth Farrow Gideon Halvard Ilsabet Joren Kessa Lucan Maelis Nerys Orsolya Perrin Quillan Rhosyn Soren Tamsin Ulric Verity Wystan Xanthe Yevgen Zofia'.split(
    ' ',
  );
const initials = 'A B C D E F G H I J K L M N O P Q R S T U V W X Y Z'.split(' ');
const familyNames =
  'Ashgrove Blackwater Castellane Drakenfeld Emberly Fairweather Grimshaw Hollowell Ironside Jarrow Kestrel Longstride Morrow Nightingale Ostrander Pemberton Quicksilver Ravensworth Stormholt Thistlewood Underhill Vandermeer Winterbourne Yarrow'.split(
    ' ',
  );
const adjectives =
  'Amber Brazen Crimson Drifting Eastern Forgotten Gilded Hollow Idle Jaded Kindled Lonely Midnight Northern Obsidian Patient Quiet Restless Silent Tireless Upward Velvet Wandering Youthful'.split(
    ' ',
  );
const trades =
  'Assay Brokerage Cartage Dockworks Excavations Freight Guild Haulage Industries Logistics Mining Navigation Outfitters Prospectors Reclamation Salvage Shipwrights Trading Vanguard Works'.split(
    ' ',
  );
const groups =
  'Accord Banner Coalition Dominion Enclave Federation Horizon Imperative League Mandate Order Pact Quorum Republic Syndicate Tribunal Union Vigil'.split(
    ' ',
  );

/** Invented names, always the same for the same id. */
export const madeUpNames = {
  character: (id: number) => `${pick(firstNames, id, 1)} ${pick(initials, id, 2)} ${pick(familyNames, id, 3)}`,
  corporation: (id: number) => `${pick(adjectives, id, 4)} ${pick(familyNames, id, 5)} ${pick(trades, id, 6)}`,
  alliance: (id: number) => `${pick(adjectives, id, 7)} ${pick(groups, id, 8)}`,
};

function pick(words: readonly string[], id: number, salt: number): string {
  return words[mix(id, salt) % words.length] as string;
}

/** Neighbouring ids must not get neighbouring names. */
function mix(id: number, salt: number): number {
  let value = Math.imul(id ^ (salt * 0x9e3779b1), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
