package main

import (
	"fmt"
	"net/http"
	"testing"
)

// signed is a request with a valid signature.
func signed(t *testing.T, nonce string, count int) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.RequestURI = "/x"
	given := map[string]string{
		"nonce":  nonce,
		"nc":     fmt.Sprintf("%08x", count),
		"cnonce": "c",
		"qop":    "auth",
		"uri":    "/x",
	}
	req.Header.Set("Authorization", fmt.Sprintf(`Digest username=%q, nonce=%q, uri="/x", nc=%s, cnonce="c", qop=auth, response=%q`,
		user, nonce, given["nc"], signature(given, http.MethodGet)))
	return req
}

// firstNonce is the nonce of a gate's challenge.
func firstNonce(t *testing.T, g *gate) string {
	t.Helper()
	req := signed(t, "", 1)
	req.Header.Del("Authorization")
	challenge, ok := g.pass(req)
	if ok {
		t.Fatal("without a signature")
	}
	given, _ := fields(challenge)
	return given["nonce"]
}

// The server accepts a signature once, and 64 signatures for a nonce.
func TestGate_acceptsEachSignatureOnce(t *testing.T) {
	t.Parallel()
	var g gate
	nonce := firstNonce(t, &g)
	try := func(count int) bool {
		_, ok := g.pass(signed(t, nonce, count))
		return ok
	}
	if try(2) != true || try(2) != false || try(1) != false || try(3) != true {
		t.Error("counts must rise")
	}
	for count := range nonceUse {
		got := try(10 + count)
		if want := count < nonceUse-2; got != want {
			t.Fatalf("use %d: %t", count+3, got)
		}
	}
}

func TestGate_lenientAcceptsAnyOrder(t *testing.T) {
	t.Parallel()
	g := gate{lenient: true}
	nonce := firstNonce(t, &g)
	for _, c := range []struct {
		count int
		want  bool
	}{
		{500, true}, {2, true}, {500, false}, {2, false}, {1, true},
	} {
		if _, ok := g.pass(signed(t, nonce, c.count)); ok != c.want {
			t.Errorf("count %d: %t", c.count, ok)
		}
	}
}

// The signer of the yardstick passes the gate.
func TestHandSigner_passesTheGate(t *testing.T) {
	t.Parallel()
	var g gate
	req := signed(t, "", 1)
	challenge, _ := g.pass(req)
	var s handSigner
	n := s.renew(nil, challenge)
	for range 3 {
		req.Header.Set("Authorization", n.sign(http.MethodGet, "/x"))
		if _, ok := g.pass(req); !ok {
			t.Fatal("refused")
		}
	}
}
