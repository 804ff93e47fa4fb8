def call(Map config = [:]) {
    def version = config.version ?: '1.0'
    podTemplate(
        label: 'web',
        containers: [
            containerTemplate(name: 'jnlp', image: 'jenkins/inbound-agent:latest', args: '${computer.jnlpmac}'),
            containerTemplate(image: "docker:27-dind", name: 'docker', privileged: true,
                envVars: [envVar(key: 'image', value: 'not-an-image')]),
            containerTemplate(name: 'app', image: "acme/app:${version}")
        ]
    ) {
        node('web') {
            checkout scm
            def app
            app = docker.build("acme/web:${env.BUILD_ID}", '.')
            docker.image('postgres:16').withRun('-e POSTGRES_PASSWORD=x') { c ->
                docker.image("cypress/included:13.15.0").inside("--link ${c.id}:db") {
                    sh "echo ${c.id =~ /docker.image('no')/}"
                }
            }
            docker.withRegistry('https://registry.example.com', 'registry') {
                docker.image('acme/tester:2').inside { sh 'test' }
                app.push('latest')
                docker.image('acme/other').push()
            }
            docker.withRegistry('', 'hub') {
                docker.image('acme/hub:3').pull()
            }
            docker.image(config.image ?: 'fallback:1').inside { }
            def ratio = 10 / 2 // docker.image('no')
        }
    }
}
