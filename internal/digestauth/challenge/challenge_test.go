package challenge_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/icholy/digest"
	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/digestauth/challenge"
)

func TestParse_headers(t *testing.T) {
	t.Parallel()
	auth := []string{"auth"}
	plain := &digest.Challenge{Realm: "r", Nonce: "n", QOP: auth}
	md5 := &digest.Challenge{Realm: "r", Nonce: "n", QOP: auth, Algorithm: "MD5"}
	rfc2069 := &digest.Challenge{Realm: "r", Nonce: "n"}
	const rn = `Digest realm="r", nonce="n", `
	tests := map[string]struct {
		headers []string
		want    *digest.Challenge // nil if none is supported
	}{
		"as sent": {
			[]string{`Digest realm="MMS Public API", domain="", nonce="SlgYP7Tv3FS/BuCj/x4WQRIV1bNKdpJg", algorithm=MD5, qop="auth", stale=false`},
			&digest.Challenge{Realm: "MMS Public API", Nonce: "SlgYP7Tv3FS/BuCj/x4WQRIV1bNKdpJg", Algorithm: "MD5", QOP: auth},
		},
		"as documented": {
			[]string{`Digest realm="MMS Public API", domain="", nonce="{nonce}", algorithm=MD5, op="auth", stale=false`},
			&digest.Challenge{Realm: "MMS Public API", Nonce: "{nonce}", Algorithm: "MD5"},
		},

		// Syntax.
		"any case":           {[]string{`dIGEST Realm="r", NONCE="n", QoP="AUTH", Stale=TRUE`}, &digest.Challenge{Realm: "r", Nonce: "n", QOP: auth, Stale: true}},
		"tabs":               {[]string{"Digest\trealm=\"r\"\t,\tnonce=\"n\",\tqop=\"auth\""}, plain},
		"no white space":     {[]string{`Digest realm="r",nonce="n",qop="auth"`}, plain},
		"space around =":     {[]string{`Digest realm = "r" , nonce	=	n, qop= "auth"`}, plain},
		"extra commas":       {[]string{` , Digest realm="r",, nonce="n", ,qop="auth", ,`}, plain},
		"comma first":        {[]string{`Digest, realm="r", nonce="n", qop="auth"`}, plain},
		"comma missing":      {[]string{`Digest realm="r" nonce="n" qop="auth"`}, plain},
		"unquoted":           {[]string{`Digest realm=r, nonce=n, qop=auth`}, plain},
		"unquoted base64":    {[]string{`Digest realm=r, nonce=a/b+c==, qop=auth`}, &digest.Challenge{Realm: "r", Nonce: "a/b+c==", QOP: auth}},
		"quoted algorithm":   {[]string{rn + `qop="auth", algorithm="MD5", stale="true"`}, &digest.Challenge{Realm: "r", Nonce: "n", QOP: auth, Algorithm: "MD5", Stale: true}},
		"commas in quotes":   {[]string{`Digest realm="a, Basic realm=b", nonce="n,=", qop="auth"`}, &digest.Challenge{Realm: "a, Basic realm=b", Nonce: "n,=", QOP: auth}},
		"escapes":            {[]string{`Digest realm="a\"b\\c\d", nonce="\n"`}, &digest.Challenge{Realm: `a"b\cd`, Nonce: "n"}},
		"UTF-8":              {[]string{`Digest realm="rä", nonce="n"`}, &digest.Challenge{Realm: "rä", Nonce: "n"}},
		"no realm":           {[]string{`Digest nonce="n"`}, &digest.Challenge{Nonce: "n"}},
		"unknown parameters": {[]string{rn + `charset=UTF-8, x="y", domain="/a /b", qop="auth"`}, plain},
		"first of two":       {[]string{rn + `nonce="m", qop="auth", Realm=s, nonce=""`}, plain},
		"opaque, userhash": {
			[]string{rn + `opaque="o", userhash=True`},
			&digest.Challenge{Realm: "r", Nonce: "n", Opaque: "o", Userhash: true},
		},
		"stray characters": {[]string{`= "x" Digest realm="r", = , "q, Basic" , nonce="n", qop="auth"`}, plain},

		// Quality of protection.
		"both":              {[]string{rn + `qop="auth-int, auth"`}, plain},
		"both, with spaces": {[]string{rn + "qop=\" ,auth-int\t,\tauth \""}, plain},
		"body only":         {[]string{rn + `qop="auth-int"`}, &digest.Challenge{Realm: "r", Nonce: "n", QOP: []string{"auth-int"}}},
		"known and unknown": {[]string{rn + `qop="token, auth"`}, plain},
		"none":              {[]string{rn + `op="auth"`}, rfc2069},
		"empty":             {[]string{rn + `qop=""`}, rfc2069},
		"only unknown":      {[]string{rn + `qop="token"`}, nil},

		// Several schemes and headers.
		"after Basic":          {[]string{`Basic realm="x", ` + rn + `qop=auth`}, plain},
		"before Basic":         {[]string{rn + `qop=auth, Basic realm="x"`}, plain},
		"between others":       {[]string{`Negotiate, ` + rn + `qop=auth, Bearer error="x", realm="y"`}, plain},
		"after a token":        {[]string{`Negotiate YIIx+/==, NTLM TlRM, ` + rn + `qop=auth`}, plain},
		"before a token":       {[]string{rn + `qop=auth, Negotiate YIIx`}, plain},
		"no comma between":     {[]string{`Negotiate ` + rn + `qop=auth`}, plain},
		"token named Digest":   {[]string{`Negotiate Digest, realm="r", nonce="n"`}, nil},
		"headers":              {[]string{`Basic realm="x"`, rn + `qop=auth`, `Negotiate`}, plain},
		"not across headers":   {[]string{`Digest`, `realm="r", nonce="n"`}, nil},
		"one of two":           {[]string{`Digest realm="r", algorithm=MD6, nonce=x, Digest realm="r", nonce="n", qop=auth`}, plain},
		"first of equals":      {[]string{rn + `qop=auth, algorithm=MD5, Digest nonce=x`, `Digest nonce=y`}, md5},
		"strongest, header":    {[]string{rn + `algorithm=MD5, Digest realm=r, nonce=s, algorithm=SHA-256`}, &digest.Challenge{Realm: "r", Nonce: "s", Algorithm: "SHA-256"}},
		"strongest, headers":   {[]string{rn, `Digest realm=r, nonce=s, algorithm=sha-512-256`, `Digest nonce=t, algorithm=SHA-512`, `Digest nonce=u, algorithm=SHA-256`}, &digest.Challenge{Realm: "r", Nonce: "s", Algorithm: "sha-512-256"}},
		"weaker but supported": {[]string{rn + `qop=auth, algorithm=MD5`, `Digest nonce=s, algorithm=SHA-256-sess`}, md5},

		// Unsupported.
		"nothing":             {nil, nil},
		"blank":               {[]string{"", " ", ","}, nil},
		"only others":         {[]string{`Basic realm="x"`, `Negotiate`, `Bearer nonce="n"`}, nil},
		"no scheme":           {[]string{`realm="r", nonce="n"`}, nil},
		"only the scheme":     {[]string{`Digest`}, nil},
		"other scheme name":   {[]string{`Digestive realm="r", nonce="n"`}, nil},
		"no nonce":            {[]string{`Digest realm="r"`}, nil},
		"empty nonce":         {[]string{`Digest realm="r", nonce=""`, `Digest realm="r", nonce=, qop=auth`}, nil},
		"empty, then not":     {[]string{`Digest realm="r", nonce="", nonce="n"`}, nil},
		"session":             {[]string{rn + `algorithm=MD5-sess`}, nil},
		"line break in nonce": {[]string{"Digest realm=\"r\", nonce=\"n\r\nX: y\""}, nil},
		"escaped line break":  {[]string{"Digest realm=\"r\", nonce=\"n\\\nX\""}, nil},
		"control in realm":    {[]string{"Digest realm=\"r\x00\", nonce=\"n\""}, nil},
		"control in opaque":   {[]string{rn + "opaque=\"\x7f\""}, nil},
		"tab in nonce":        {[]string{"Digest nonce=\"a\tb\""}, nil},
		"no closing quote":    {[]string{`Digest nonce="n", realm="r`}, nil},
		"escape at the end":   {[]string{`Digest nonce="n", realm="r\`}, nil},
		"unterminated other":  {[]string{rn + `qop=auth, Basic realm="x`}, plain},
		"unterminated string": {[]string{rn + `"x`}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := challenge.Parse(http.Header{"Www-Authenticate": test.headers})
			assert.Equal(t, test.want != nil, ok)
			assert.Equal(t, test.want, got)
		})
	}
}

func TestNextNonce_headers(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		``:                               "",
		`nextnonce="n"`:                  "n",
		`qop=auth, NextNonce=a/+==,nc=1`: "a/+==",
		`rspauth="x", qop=auth`:          "",
		`nextnonce=""`:                   "",
		"nextnonce=\"a\r\n\"":            "",
		`nextnonce="a`:                   "",
	} {
		assert.Equal(t, want, challenge.NextNonce(http.Header{"Authentication-Info": {value}}), value)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`Digest realm="MMS Public API", domain="", nonce="SlgYP7Tv3FS/BuCj/x4WQRIV1bNKdpJg", algorithm=MD5, qop="auth", stale=false`,
		`Basic realm="x, y", Digest realm="r",nonce="a\"b", qop="auth-int, auth", opaque=o, Negotiate YII==`,
		"digest\tnonce = n , , userhash=true, algorithm=SHA-512-256",
		`Digest nonce="n`, `, = "x" \`, "Digest nonce=\"\r\n\"",
	} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		c, ok := challenge.Parse(http.Header{"Www-Authenticate": {one, two}})
		if ok != (c != nil) {
			t.Fatal("ok and challenge disagree")
		}
		if !ok {
			return
		}
		if c.Nonce == "" || !digest.CanDigest(c) || len(c.QOP) > 1 {
			t.Fatalf("%+v is not supported", c)
		}
		if strings.ContainsFunc(c.Nonce+c.Realm+c.Opaque+c.Algorithm+strings.Join(c.QOP, ""), func(r rune) bool {
			return r < ' ' || r == 0x7f
		}) {
			t.Fatalf("control character in %+v", c)
		}
	})
}
