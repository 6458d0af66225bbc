module example.com/restorejobs

go 1.25.0

require (
	github.com/cenkalti/backoff/v5 v5.0.3
	github.com/google/go-querystring v1.2.0
	github.com/icholy/digest v1.2.0
	github.com/stretchr/testify v1.12.1
	golang.org/x/oauth2 v0.36.0
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect
