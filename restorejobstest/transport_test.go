package restorejobstest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestTransport_hosts(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	client := digestClient(c.server.Transport())
	assert.Equal(t, 200, c.send(client, c.request(http.MethodGet, jobs(rjt.MMSCluster), "")).status, "the address it listens on")
	_, err := client.Do(c.request(http.MethodGet, "https://cloud.mongodb.com"+jobs(rjt.MMSCluster), ""))
	require.ErrorContains(t, err, "no such host")
}
