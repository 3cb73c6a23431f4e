/** The words behind the passwords that are tried first, in lower case and without what is put behind them (`Passw0rd!`). */
export const commonPasswords: ReadonlySet<string> = new Set(
  `password passwort passw pass passphrase secret secretpassword mypassword changeme changeit default temp temppass test
  testtest testing tester guest guestguest user username admin adminadmin administrator root rootroot toor login letmein
  letmeinnow welcome welcomeback welcometo hello hellohello helloworld iloveyou iloveu loveyou lovely love loveme
  ihateyou fuckyou trustno trustnoone qwerty qwertyu qwertyui qwertyuiop qwertz qwertzuiop azerty azertyuiop asdf asdfgh
  asdfghjk asdfghjkl asdfasdf qweasd qweasdzxc qazwsx qazwsxedc zaqwsx zxcvbn zxcvbnm abc abcd abcdef abcdefg abcdefgh
  abcdefghi abcabc aaaaaaaa monkey dragon football baseball basketball soccer hockey superman batman spiderman starwars
  pokemon master shadow sunshine princess charlie jordan michael michelle jennifer jessica ashley daniel thomas robert
  george andrew matthew nicole computer internet samsung google facebook whatever freedom killer hunter ninja mustang
  harley ferrari porsche mercedes corvette liverpool chelsea arsenal barcelona juventus summer winter spring autumn
  january february september october november december monday friday flower flowers butterfly cookie chocolate
  cheese banana orange purple silver golden diamond angel angels maverick matrix merlin phoenix trinity pepper ginger
  buster tigger cocacola playboy access server database postgres redis oracle mysql punctual scheduler company office
  family mother father blessed jesus jesuschrist`.split(/\s+/),
);
